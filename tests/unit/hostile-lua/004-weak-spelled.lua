-- 004-weak-spelled
-- class:  gc
-- attack: __mode made of pieces, and a metatable that was copied
-- expect: OK|E_SCRIPT
for _, key in ipairs{"__" .. "mode", ("edom__"):reverse(), table.concat{"__", "mo", "de"}, string.char(95, 95, 109, 111, 100, 101), ("x__modex"):sub(2, -2), ("__MODE"):lower(), ("__%s"):format("mode")} do
  local mt = {} local weak = setmetatable({}, mt) mt[key] = "k"
  for i = 1, 100 do weak[{}] = i end
  local junk for i = 1, 100000 do junk = {i} end
  local n = 0 for _ in pairs(weak) do n = n + 1 end
  if n ~= 100 then print("PWNED: weak by " .. key) end
end
