-- quoth.gen: the same seed, the same values; what its limits promise. Run by
-- tests/e2e/test_lua_modules.py.
local quoth = require "quoth"
local gen = require "quoth.gen"
local spy = require "spy"

local function scenario(name, check)
	quoth.scenario(name, {
		run = function(t)
			check(t)
			local c <close> = t:connect()
			c:expect(220)
		end,
	})
end

local function everything(g)
	local text, tree = g:mime(3)
	return table.concat({ g:random(), g:random(9), g:random(-3, 3), g:address(), g:domain(),
		(g:odd_address()), (g:bad_address()), g:text(9), g:octets(9), g:utf8(9), g:line(80),
		g:headers(2), text, tree.type, g:size(1000), g:pick { 1, 2, 3 },
		table.concat(g:shuffle { 1, 2, 3, 4 }) }, "\0")
end

scenario("the seed decides", function(t)
	spy.same(everything(gen.new(7)), everything(gen.new(7)))
	assert(everything(gen.new(7)) ~= everything(gen.new(8)))
	assert(everything(gen.new(t)) ~= everything(gen.new(t)))
	spy.raises("a whole number", gen.new, 1.5)
	-- As on every other machine.
	spy.same(gen.new(0):random(1000000), 303768)
	spy.same(gen.new(1):address(), "jh@i.example.test")
	spy.same(gen.new(2):words(3), "ljaidfbjy nidr zoluos")
end)

scenario("numbers", function()
	local g, seen = gen.new(1), {}
	for _ = 1, 2000 do
		local float, low, wide = g:random(), g:random(3), g:random(-2, 2)
		assert(float >= 0 and float < 1 and low >= 1 and low <= 3)
		assert(math.type(low) == "integer" and wide >= -2 and wide <= 2)
		seen[low], seen["w" .. wide] = true, true
		assert(g:size(100) >= 0 and g:size(100) <= 100 and g:size(0) == 0)
	end
	assert(seen[1] and seen[2] and seen[3] and seen["w-2"] and seen["w2"])
	spy.raises("empty", g.random, g, 2, 1)
	spy.same(table.concat(gen.sizes(1000), " "), "0 1 999 1000 1001")
	spy.same(table.concat(gen.sizes(1), " "), "0 1 2")
	assert(g:random(math.mininteger, math.maxinteger) ~= nil)
end)

scenario("texts", function()
	local g = gen.new(2)
	for size = 0, 300 do
		assert(#g:text(size) == size and #g:octets(size) == size and #g:line(size) == size)
		assert(not g:line(size):find("^[. ]") and not g:line(size):find(" $"))
		assert(utf8.len(g:utf8(size)) == size)
	end
	spy.same(#g:long_lines()[3].text, 999)
	spy.same(g:long_lines(10)[1].octets, 9)
end)

-- A valid address has the parts of RFC 5321 4.1.2, within its limits.
local function check_valid(address)
	local name, domain = address:match("^(.+)@([^@]+)$")
	assert(#address <= 254 and #name <= 64 and #domain <= 255, address)
	assert(not name:find("[%c\128-\255]"), address)
	if not name:find('^"') then
		assert(not name:find("[^%w!#$%%&'*+/=?^_`{|}~.-]"), address)
		assert(not ("." .. name .. "."):find("..", 1, true), address)
	end
	for label in (domain .. "."):gmatch("([^.]*)%.") do
		assert(domain:find("^%[.*%]$") or (#label >= 1 and #label <= 63 and
			label:find("^%w") and label:find("%w$") and not label:find("[^%w-]")), address)
	end
end

scenario("addresses", function()
	for seed = 1, 50 do
		local g = gen.new(seed)
		check_valid(g:address())
		for _, odd in ipairs(g:odd_addresses()) do check_valid(odd.address) end
		for _, bad in ipairs(g:bad_addresses()) do
			assert(not pcall(check_valid, bad.address) or bad.address:find('[["]'),
				bad.what .. ": " .. bad.address)
		end
		spy.same(#g:odd_addresses()[14].address, 254)
		spy.same(#g:bad_addresses()[29].address, 255)
	end
end)

local function leaves(node)
	local count = node.parts and 0 or 1
	for _, part in ipairs(node.parts or {}) do count = count + leaves(part) end
	return count
end

scenario("MIME trees", function()
	for seed = 1, 50 do
		local text, node = gen.new(seed):mime(3)
		local _, types = text:gsub("Content%-Type: [tm]e[xs][ts]", "")
		spy.same(types, leaves(node))
		assert(not ("\n" .. text):find("[^\r]\n", 2), "a bare LF")
	end
end)
