-- 044-dates
-- class:  api
-- attack: dates outside of time, hostile formats
-- expect: OK
for _, v in ipairs{0, -1, 1 << 62, math.mininteger, math.maxinteger, 0/0, 1e300, "x", {}, -62135596800, 253402300800, 1 << 55} do
  pcall(os.date, "%c", v) pcall(os.date, "*t", v) pcall(os.date, "!%G-%V-%u %j %U %W", v)
  for _, k in ipairs{"year", "month", "day", "hour", "min", "sec"} do
    local t = {year = 2024, month = 2, day = 29} t[k] = v pcall(os.time, t)
  end
end
for _, f in ipairs{"%", "%E", "%O", "%Ez", "%Q", "%%", "%\0", ("%c"):rep(10000), "%5d", "!", "*t", "!*t", "*tx"} do pcall(os.date, f, 0) end
pcall(os.time, setmetatable({}, {__index = function() return 1 end}))
