-- 028-resume-itself
-- class:  stack
-- attack: a coroutine that resumes itself, its parent and the dead
-- expect: OK
local main = coroutine.running()
print(coroutine.resume(main)) print(pcall(coroutine.wrap(function() return coroutine.resume(main) end)))
local co co = coroutine.create(function() print(coroutine.resume(co)) print(coroutine.resume(main)) end)
print(coroutine.resume(co)) print(coroutine.resume(co)) print(coroutine.status(co))
local w w = coroutine.wrap(function() return w() end) print(pcall(w)) print(pcall(w))
