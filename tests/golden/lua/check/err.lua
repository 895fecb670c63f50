local function deep() error("in module") end

deep()
