-- 038-rep-huge
-- class:  memory
-- attack: results of a terabyte
-- expect: E_SCRIPT|E_LIMIT
for _, n in ipairs{1 << 40, 1 << 62, math.maxinteger} do
  local ok, m = pcall(string.rep, "xy", n) print(ok, m)
  ok, m = pcall(string.rep, "", n, "ab") print(ok, m)
end
error("refused")
