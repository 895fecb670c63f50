-- 026-yield-outside
-- class:  stack
-- attack: yield where nobody resumes
-- expect: E_SCRIPT
coroutine.yield(1)
