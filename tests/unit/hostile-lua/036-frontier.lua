-- 036-frontier
-- class:  cpu-c
-- attack: balanced and lazy items over a long subject
-- expect: E_LIMIT
local s = ("a"):rep(100000)
while true do local _ = s:gsub(".-.-.-b", "") _ = s:find("%b()" , 1) _ = s:match("(a*)(a-)(a*)c$") end
