-- A connection that only writes down what is done with it, so that a module
-- can be asked what it sends without a server.
local spy = {}
spy.__index = spy

function spy.new(texts)
	return setmetatable({ log = {}, texts = texts or {} }, spy)
end

local function note(c, ...)
	c.log[#c.log + 1] = table.concat({ ... }, " ")
end

function spy:send(line, modifiers)
	note(self, "send", line .. (modifiers and modifiers.secret and " (secret)" or ""))
	return self
end

function spy:body(text)
	note(self, "body", text)
	return self
end

function spy:expect(what)
	if type(what) == "table" then
		what = table.concat(what, ",")
	end
	note(self, "expect", what)
	return { code = 250, text = table.remove(self.texts, 1) or "" }
end

-- Raises with both texts unless they are the same.
function spy.same(got, want)
	if got ~= want then
		error(("got  %q\nwant %q"):format(got, want), 2)
	end
end

function spy:said(...)
	spy.same(table.concat(self.log, "\n"), table.concat({ ... }, "\n"))
end

-- fn has to raise something that holds `words`.
function spy.raises(words, fn, ...)
	local fine, why = pcall(fn, ...)
	if fine or not tostring(why):find(words, 1, true) then
		error(("want an error with %q, got %q"):format(words, tostring(why)), 2)
	end
end

return spy
