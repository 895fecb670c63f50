-- 010-frozen-tables
-- class:  escape
-- attack: every way to write into a standard table
-- expect: OK
for name, lib in pairs(_G) do if type(lib) == "table" and lib ~= _G then
  local key = next(lib)
  for _, write in ipairs{function() lib.evil = 1 end, function() lib[key] = 1 end, function() rawset(lib, "evil", 1) end, function() setmetatable(lib, {}) end, function() setmetatable(lib, nil) end, function() table.insert(lib, 1) end, function() lib[1] = 1 end} do
    if pcall(write) then print("PWNED: wrote into " .. name) end
  end
  for k in pairs(lib) do if k == "evil" then print("PWNED: " .. name) end end
end end
