-- 048-pack
-- class:  api
-- attack: string.pack and unpack with hostile formats
-- expect: OK|E_SCRIPT|E_LIMIT
for _, f in ipairs{"i17", "!17", "Xi", "X", "s16", "c", "c99999999999", "z", "!16Xi16", ("b"):rep(1000), "i0", "j\0", "=!8i3", ">s1"} do
  pcall(string.pack, f, 1, 2, 3) pcall(string.pack, f, "x\0y") pcall(string.unpack, f, ("\255"):rep(20), -3) pcall(string.packsize, f)
  pcall(string.unpack, f, "", math.maxinteger) pcall(string.unpack, f, "abc", math.mininteger)
end
