-- 046-random
-- class:  api
-- attack: ranges of random that overflow
-- expect: OK
for _, a in ipairs{0, 1, -1, math.maxinteger, math.mininteger, 1 << 62, 0.5, 0/0, math.huge, "x", {}} do
  pcall(math.random, a) pcall(math.randomseed, a)
  for _, b in ipairs{0, 1, math.maxinteger, math.mininteger, 3.0} do pcall(math.random, a, b) pcall(math.randomseed, a, b) end
end
for i = 1, 1000 do local n = math.random(3, 5) if n < 3 or n > 5 then print("PWNED: out of range") end
  n = math.random() if n < 0 or n >= 1 then print("PWNED: out of range") end end
