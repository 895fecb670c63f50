-- 054-table-grow
-- class:  memory
-- attack: one table that doubles beyond the limit
-- expect: E_LIMIT
local t = {} for i = 1, 1e9 do t[i] = i end
