--[[
quoth.gen: seeded generators of what mail is made of.

	local gen = require "quoth.gen"
	local g = gen.new(t)            -- of a run: follows --seed
	local g = gen.new(4711)         -- of a number: also while a file loads

The same seed gives the same values, on every machine. Nothing is sent, and
nothing of a run is needed: a generator is a table with a number in it.
]]
local gen = {}
---@class quoth.Gen
local Gen = {}
Gen.__index = Gen

---- Numbers -------------------------------------------------------------------

-- splitmix64: a few shifts a number, and any seed is a good one.
local function next_bits(g)
	g.state = g.state + 0x9E3779B97F4A7C15
	local z = g.state
	z = (z ~ (z >> 30)) * 0xBF58476D1CE4E5B9
	z = (z ~ (z >> 27)) * 0x94D049BB133111EB
	return z ~ (z >> 31)
end

---@param seed quoth.Run|integer
---@return quoth.Gen
function gen.new(seed)
	if math.type(seed) == nil then
		seed = seed:random(0, 0x7FFFFFFFFFFFFFFF)
	end
	if math.type(seed) ~= "integer" then
		error("a seed is a whole number", 2)
	end
	return setmetatable({ state = seed }, Gen)
end

-- As math.random: a float in [0, 1), 1..m, m..n.
---@param m? integer
---@param n? integer
---@return number
function Gen:random(m, n)
	local bits = next_bits(self)
	if m == nil then
		return (bits >> 11) * 2.0 ^ -53
	elseif n == nil then
		m, n = 1, m
	end
	if m > n then
		error("random: the interval is empty", 2)
	end
	local span = n - m + 1
	return span <= 0 and bits or m + (bits >> 1) % span
end

function Gen:chance(p)
	return self:random() < p
end

function Gen:pick(list)
	return list[self:random(#list)]
end

-- A new list, in another order.
function Gen:shuffle(list)
	local out = table.move(list, 1, #list, 1, {})
	for at = #out, 2, -1 do
		local other = self:random(at)
		out[at], out[other] = out[other], out[at]
	end
	return out
end

-- 0..max, small ones as often as large ones.
function Gen:size(max)
	local bits = 0
	while max >> bits > 0 do bits = bits + 1 end
	local top = (1 << self:random(0, bits)) - 1
	return self:random(0, math.min(top, max))
end

-- Where a limit shows: on it, and on both sides of it.
function gen.sizes(limit)
	local out = {}
	for _, size in ipairs { 0, 1, limit - 1, limit, limit + 1 } do
		if size >= 0 and (#out == 0 or size > out[#out]) then
			out[#out + 1] = size
		end
	end
	return out
end

---- Text ----------------------------------------------------------------------

local LOWER = "abcdefghijklmnopqrstuvwxyz"
local WORD = LOWER .. "0123456789"
local ATEXT = WORD .. "!#$%&'*+-/=?^_`{|}~"      -- RFC 5322 3.2.3
local PRINTABLE = (function()
	local out = {}
	for octet = 32, 126 do out[#out + 1] = string.char(octet) end
	return table.concat(out)
end)()

-- n characters of `alphabet`; printable ASCII unless given.
---@param n integer
---@param alphabet? string
---@return string
function Gen:text(n, alphabet)
	local out = {}
	alphabet = alphabet or PRINTABLE
	for at = 1, n do
		local one = self:random(#alphabet)
		out[at] = alphabet:sub(one, one)
	end
	return table.concat(out)
end

-- n octets of any kind, NUL and line ends too.
function Gen:octets(n)
	local out = {}
	for at = 1, n do
		out[at] = string.char(self:random(0, 255))
	end
	return table.concat(out)
end

local RANGES = {
	{ 0x20, 0x7E }, { 0xA1, 0x17F }, { 0x391, 0x3A9 }, { 0x410, 0x44F },
	{ 0x5D0, 0x5EA }, { 0x4E00, 0x9FFF }, { 0x1F600, 0x1F64F },
}

-- n characters of several scripts, in UTF-8.
function Gen:utf8(n)
	local out = {}
	for at = 1, n do
		local range = self:pick(RANGES)
		out[at] = utf8.char(self:random(range[1], range[2]))
	end
	return table.concat(out)
end

function Gen:word()
	return self:text(self:random(2, 9), LOWER)
end

function Gen:words(n)
	local out = {}
	for at = 1, n do out[at] = self:word() end
	return table.concat(out, " ")
end

-- A line of exactly n octets without its end. No dot or blank at its ends, so
-- that it arrives as it left.
function Gen:line(n)
	if n < 3 then
		return self:text(n, LOWER)
	end
	return self:text(1, LOWER) .. self:text(n - 2) .. self:text(1, LOWER)
end

-- Lines around the lengths of RFC 5321 4.5.3.1, without their ends:
-- { { octets =, text = }, ... }.
---@param limit? integer 998 unless given
---@return { octets: integer, text: string }[]
function Gen:long_lines(limit)
	local out = {}
	limit = limit or 998
	for _, octets in ipairs { limit - 1, limit, limit + 1, 2 * limit, 10 * limit } do
		out[#out + 1] = { octets = octets, text = self:line(octets) }
	end
	return out
end

---- Domains and addresses -----------------------------------------------------

-- A label. Two hyphens in its third and fourth place would mean IDNA.
local function edge(g, n)
	if n < 3 then
		return g:text(n, LOWER)
	end
	local inner = g:text(n - 2, WORD .. "-"):gsub("%-%-", "-a")
	return g:text(1, LOWER) .. inner .. g:text(1, WORD)
end

-- A name below example.test, which is nobody's (RFC 2606).
---@param labels? integer in front of it
---@return string
function Gen:domain(labels)
	local out = {}
	for at = 1, labels or self:random(0, 2) do
		out[at] = edge(self, self:random(1, 8))
	end
	out[#out + 1] = "example.test"
	return table.concat(out, ".")
end

local function atoms(g)
	local out = {}
	for at = 1, g:random(1, 3) do
		out[at] = g:text(g:random(1, 6), ATEXT)
	end
	return table.concat(out, ".")
end

-- What any server knows as an address: letters, digits, dots.
function Gen:address()
	return self:word() .. (self:chance(0.3) and "." .. self:word() or "") ..
		"@" .. self:domain()
end

-- A label is at most 63 octets, and a path 256 with its brackets.
local function long_domain(g, octets)
	local out = "example.test"
	while #out < octets do
		local room = math.min(63, octets - #out - 1)
		if octets - #out - 1 - room == 1 then
			room = room - 1
		end
		out = edge(g, room) .. "." .. out
	end
	return out
end

local function at_example(text)
	return function() return text .. "@example.test" end
end

-- RFC 5321 4.1.2 allows all of these; mailers and forms often do not.
local ODD = {
	{ "any atext", function(g) return atoms(g) .. "@" .. g:domain() end },
	{ "a plus sign", at_example "alice+tag" },
	{ "a single letter", at_example "a" },
	{ "digits alone", at_example "123" },
	{ "a slash", at_example "department/sales" },
	{ "a quoted word", at_example '"alice"' },
	{ "a quoted blank", at_example '"alice smith"' },
	{ "a quoted at sign", at_example '"alice@work"' },
	{ "a quoted dot at the end", at_example '"alice."' },
	{ "a quoted pair", at_example '"al\\"ice"' },
	{ "an empty quoted word", at_example '""' },
	{ "a local part of 64 octets", function(g)
		return g:text(64, LOWER) .. "@example.test"
	end },
	{ "a label of 63 octets", function(g)
		return "alice@" .. edge(g, 63) .. ".test"
	end },
	{ "a path of 256 octets", function(g)
		return g:text(64, LOWER) .. "@" .. long_domain(g, 254 - 65)
	end },
	{ "an IPv4 literal", function() return "alice@[127.0.0.1]" end },
	{ "an IPv6 literal", function() return "alice@[IPv6:::1]" end },
	{ "a domain of one label", function() return "alice@localhost" end },
	{ "capitals in the domain", function() return "alice@EXAMPLE.Test" end },
	{ "a domain of digits", function() return "alice@123.test" end },
	{ "an A-label", function() return "alice@xn--bcher-kva.test" end },
}

-- RFC 5321 4.1.2 allows none of these without an extension.
local BAD = {
	{ "no at sign", function(g) return g:word() end },
	{ "no local part", function() return "@example.test" end },
	{ "no domain", function() return "alice@" end },
	{ "two at signs", at_example "alice@work" },
	{ "a dot at the start", at_example ".alice" },
	{ "a dot at the end", at_example "alice." },
	{ "two dots in a row", at_example "alice..smith" },
	{ "a blank", at_example "alice smith" },
	{ "a comma", at_example "alice,bob" },
	{ "a colon", at_example "alice:bob" },
	{ "a parenthesis", at_example "alice(work)" },
	{ "an angle bracket", at_example "alice<bob" },
	{ "an open quote", at_example '"alice' },
	{ "text behind a quote", at_example '"alice"bob' },
	{ "a control character", at_example "ali\1ce" },
	{ "a tab", at_example "ali\tce" },
	{ "an octet above 127", at_example "ali\xE9ce" },
	{ "a domain that starts with a dot", function() return "alice@.example.test" end },
	{ "two dots in the domain", function() return "alice@example..test" end },
	{ "a label that starts with a hyphen", function() return "alice@-example.test" end },
	{ "a label that ends in a hyphen", function() return "alice@example-.test" end },
	{ "an underscore in the domain", function() return "alice@exa_mple.test" end },
	{ "a blank in the domain", function() return "alice@exam ple.test" end },
	{ "an open literal", function() return "alice@[127.0.0.1" end },
	{ "a literal that is no address", function() return "alice@[300.1.1.1]" end },
	{ "an IPv6 literal without its tag", function() return "alice@[::1]" end },
	{ "a label of 64 octets", function(g) return "alice@" .. edge(g, 64) .. ".test" end },
	{ "a local part of 65 octets", function(g)
		return g:text(65, LOWER) .. "@example.test"
	end },
	{ "a path of 257 octets", function(g)
		return g:text(64, LOWER) .. "@" .. long_domain(g, 255 - 65)
	end },
}

local function make(g, rows)
	local out = {}
	for at, row in ipairs(rows) do
		out[at] = { address = row[2](g), what = row[1] }
	end
	return out
end

-- One of each kind: { { address =, what = "a quoted blank" }, ... }.
---@return { address: string, what: string }[]
function Gen:odd_addresses()
	return make(self, ODD)
end

-- The same, `what` being the reason why it is none.
---@return { address: string, what: string }[]
function Gen:bad_addresses()
	return make(self, BAD)
end

-- address, what
function Gen:odd_address()
	local row = self:pick(ODD)
	return row[2](self), row[1]
end

-- address, reason
function Gen:bad_address()
	local row = self:pick(BAD)
	return row[2](self), row[1]
end

---- Headers and messages ------------------------------------------------------

-- name, value: a field that no reader has to understand.
function Gen:header()
	local name = "X-" .. self:word():gsub("^%l", string.upper)
	return name, self:words(self:random(1, 12))
end

-- n of them as lines with CRLF.
function Gen:headers(n)
	local out = {}
	for at = 1, n do
		local name, value = self:header()
		out[at] = name .. ": " .. value .. "\r\n"
	end
	return table.concat(out)
end

local SUBTYPES = { "mixed", "alternative", "related", "digest" }

local function leaf(g, inside)
	local lines = {}
	for at = 1, g:random(1, 4) do lines[at] = g:words(g:random(1, 10)) end
	local text = table.concat(lines, "\r\n") .. "\r\n"
	-- What a digest holds are messages, unless it says otherwise.
	local kind = inside == "digest" and "message/rfc822" or "text/plain"
	if kind == "message/rfc822" then
		text = "Subject: " .. g:words(2) .. "\r\n\r\n" .. text
	end
	return "Content-Type: " .. kind .. "\r\n\r\n" .. text, { type = kind }
end

local function tree(g, depth, inside)
	if depth == 0 or inside == "digest" then
		return leaf(g, inside)
	end
	local subtype, line = g:pick(SUBTYPES), "=_" .. g:text(20, WORD)
	local node = { type = "multipart/" .. subtype, parts = {} }
	local out = { 'Content-Type: multipart/' .. subtype .. '; boundary="' .. line .. '"\r\n\r\n' }
	for at = 1, g:random(1, 3) do
		-- The first branch goes all the way down.
		local text, part = tree(g, at == 1 and depth - 1 or g:random(0, depth - 1), subtype)
		node.parts[at] = part
		out[#out + 1] = "--" .. line .. "\r\n" .. text .. "\r\n"
	end
	out[#out + 1] = "--" .. line .. "--\r\n"
	return table.concat(out), node
end

-- A message of nested multiparts, and what it is made of:
-- text, { type = "multipart/mixed", parts = { { type = "text/plain" }, ... } }.
---@param depth? integer
---@return string text
---@return table tree
function Gen:mime(depth)
	local text, node = tree(self, depth or self:random(0, 4))
	return "From: <" .. self:address() .. ">\r\nSubject: " .. self:words(3) ..
		"\r\nMIME-Version: 1.0\r\n" .. text, node
end

return gen
