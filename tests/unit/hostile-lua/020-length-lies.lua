-- 020-length-lies
-- class:  cpu-c
-- attack: a __len that is small when asked first
-- expect: OK|E_SCRIPT|E_LIMIT
for _, f in ipairs{table.insert, table.remove, table.concat, table.unpack, table.sort} do
  local asked = 0
  local t = setmetatable({}, {__len = function() asked = asked + 1 return asked % 2 == 1 and 3 or 1 << 55 end})
  pcall(f, t, 1, "x") pcall(f, t, 1) pcall(f, t)
end
