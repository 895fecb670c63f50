-- 012-addresses
-- class:  escape
-- attack: an address in any text defeats ASLR
-- expect: OK
local co = coroutine.create(print)
local function look(text) if tostring(text):find("0x%x%x%x") or tostring(text):find("%x%x%x%x%x%x%x%x") then print("PWNED: address: " .. text) end end
for _, v in ipairs{{}, print, co, function() end, string, _G, coroutine.wrap(print), setmetatable({}, {__name = "x"}), string.gmatch("a", "a")} do
  look(tostring(v)) look(("%s"):format(v)) look(("%20s|%-40s"):format(v, v))
  for _, f in ipairs{"%p", "%20p", "%-p"} do local ok, m = pcall(string.format, f, v) if ok then print("PWNED: %p") end look(m) end
  for _, f in ipairs{function() return v .. 1 end, function() return v < 1 end, function() return #v + {} end, function() return -v end, function() return v & 1 end, function() for i = v, 1 do end end, function() error(v) end, function() return ("x"):rep(v) end, function() table.concat{v} end, function() return ("x"):gsub("x", {x = v}) end, function() setmetatable(v, 1) end, function() return math.floor(v) end} do
    local _, m = pcall(f) look(m)
  end
end
