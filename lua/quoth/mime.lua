--[[
quoth.mime: encodings of quoth.message. Pure functions over strings; base64
is the run's (t:base64), since C does it a hundred times as fast.

A part is { head = list of folded header lines, body = text with CRLF }.
]]
local mime = {}

local COLUMNS, LINE_MAX = 78, 998       -- RFC 5322 2.1.1
-- RFC 2047 allows 75; the name of the field stands on the same line.
local WORD_MAX = 60
local ENCODINGS = {
	["7bit"] = true, ["8bit"] = true, ["quoted-printable"] = true, base64 = true,
}

local function complain(...)
	error("smtp.message: " .. string.format(...), 0)
end

local function hex(octet)
	return ("=%02X"):format(octet:byte())
end

-- Lines of at most `width`; all but the last end in CRLF.
local function wrap(text, width)
	local lines = {}
	for at = 1, #text, width do
		lines[#lines + 1] = text:sub(at, at + width - 1)
	end
	return table.concat(lines, "\r\n")
end

---- Headers ------------------------------------------------------------------

-- Folds in front of white space, which then begins the next line, so that
-- unfolding gives the same value back. A word is never cut.
function mime.header(name, value)
	local lines, line = {}, name .. ":"
	if not value:find("^[ \t]") then
		value = " " .. value
	end
	for word in value:gmatch("[ \t]*[^ \t]+") do
		if #line + #word > COLUMNS and #line > #name + 1 then
			lines[#lines + 1], line = line, word
		else
			line = line .. word
		end
	end
	lines[#lines + 1] = line .. value:match("[ \t]*$")
	return table.concat(lines, "\r\n")
end

-- Not ASCII, a control, too long for any line, or what a reader would take
-- for an encoded word.
local function odd(word)
	return word:find("[^\t -~]") or word:find("=?", 1, true) or #word > LINE_MAX - COLUMNS
end

function mime.needs_words(text)
	return odd(text) and true or false
end

-- Q (RFC 2047 4.2), strict enough for a phrase as well.
local function q_text(text)
	return (text:gsub("[^%w !*+/-]", hex):gsub(" ", "_"))
end

local BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64_digit(n)
	return BASE64:sub(n + 1, n + 1)
end

-- Of a few octets; headers are made without a run, too.
local function b_text(text)
	local out = {}
	for at = 1, #text, 3 do
		local a, b, c = text:byte(at, at + 2)
		local bits = a << 16 | (b or 0) << 8 | (c or 0)
		out[#out + 1] = base64_digit(bits >> 18) .. base64_digit(bits >> 12 & 63) ..
			(b and base64_digit(bits >> 6 & 63) or "=") ..
			(c and base64_digit(bits & 63) or "=")
	end
	return table.concat(out)
end

local function encoded(text)
	local q, b = q_text(text), b_text(text)
	return #q <= #b and "=?UTF-8?Q?" .. q .. "?=" or "=?UTF-8?B?" .. b .. "?="
end

-- As many encoded words as it takes; none splits a character.
function mime.words(text)
	if not utf8.len(text) then
		complain("a header is not UTF-8: write the message as text")
	end
	local words, chunk = {}, ""
	for char in text:gmatch(utf8.charpattern) do
		if #encoded(chunk .. char) > WORD_MAX then
			words[#words + 1], chunk = encoded(chunk), ""
		end
		chunk = chunk .. char
	end
	words[#words + 1] = encoded(chunk)
	return table.concat(words, " ")
end

-- What stands between the first and the last odd word is encoded with them:
-- blanks between encoded words do not count (RFC 2047 6.2).
function mime.unstructured(value)
	local first, last
	for start, word in value:gmatch("()([^ \t]+)") do
		if odd(word) then
			first, last = first or start, start + #word - 1
		end
	end
	if first == nil then
		return value
	end
	return value:sub(1, first - 1) .. mime.words(value:sub(first, last)) ..
		value:sub(last + 1)
end

---- Parameters of Content-Type and Content-Disposition -------------------------

local function percent(text)
	return (text:gsub("[^%w.-]", function(octet)
		return ("%%%02X"):format(octet:byte())
	end))
end

-- RFC 2231: pieces of a long or non-ASCII value, each on a line of its own.
local function extended(name, value)
	local lines, text = {}, "utf-8''" .. percent(value)
	local at, width = 1, COLUMNS - #name - 16
	if #text <= width then
		return ("\t%s*=%s"):format(name, text)
	end
	while at <= #text do
		-- An escape (%XX) is not cut: its rest would be read as text.
		local stop = math.min(at + width - 1, #text)
		local cut = text:sub(stop - 1, stop):find("%%")
		if cut and stop < #text then
			stop = stop - (3 - cut)
		end
		lines[#lines + 1] = ("\t%s*%d*=%s"):format(name, #lines, text:sub(at, stop))
		at = stop + 1
	end
	return table.concat(lines, ";\r\n")
end

local function parameter(name, value)
	if value:find("[^ -~]") or #value > COLUMNS - #name - 8 then
		return extended(name, value)
	elseif value:find("[^%w.-]") then
		value = '"' .. value:gsub('["\\]', "\\%0") .. '"'
	end
	return "\t" .. name .. "=" .. value
end

---- Content transfer encodings -------------------------------------------------

-- One line without its end, with soft breaks (RFC 2045 6.7).
local function quoted_line(line)
	local out = {}
	local rest = line:gsub("[^\t -<>-~]", hex):gsub("[ \t]$", hex)
	while #rest > 76 do
		-- 75 and the sign of the soft break; =XX stays whole.
		local stop = 75
		local cut = rest:sub(74, 75):find("=", 1, true)
		if cut then
			stop = 72 + cut
		end
		out[#out + 1] = rest:sub(1, stop) .. "="
		rest = rest:sub(stop + 1)
	end
	out[#out + 1] = rest
	return table.concat(out, "\r\n")
end

local function each_line(text, change)
	local lines = {}
	for line in (text .. "\n"):gmatch("(.-)\n") do
		lines[#lines + 1] = change and change(line) or line
	end
	return table.concat(lines, "\r\n")
end

local function longest(text)
	local most = 0
	for line in (text .. "\n"):gmatch("(.-)\n") do
		most = math.max(most, #line)
	end
	return most
end

-- The plainest that keeps the text: 7bit, else what people can still read
-- unless a third of it would be escapes.
local function choose(text)
	local _, high = text:gsub("[^\t\n -~]", "")
	if high == 0 and longest(text) <= LINE_MAX then
		return "7bit"
	end
	return high * 3 > #text and "base64" or "quoted-printable"
end

local function encode(t, text, encoding)
	if encoding == "base64" then
		return wrap(t:base64((text:gsub("\n", "\r\n"))), 76)
	elseif encoding == "quoted-printable" then
		return each_line(text, quoted_line)
	end
	return each_line(text)
end

---- Parts --------------------------------------------------------------------

local function head(kind, encoding)
	return { "Content-Type: " .. kind, "Content-Transfer-Encoding: " .. encoding }
end

-- text/plain or text/html; line ends of either kind are line ends.
function mime.text(t, subtype, text, m)
	if type(text) ~= "string" then
		complain("%s is a string, not a %s", subtype == "html" and subtype or "text", type(text))
	elseif m.encoding and not ENCODINGS[m.encoding] then
		complain("there is no encoding '%s'", tostring(m.encoding))
	elseif not m.charset and not utf8.len(text) then
		complain("the text is not UTF-8: say its charset")
	end
	local plain = text:gsub("\r\n", "\n")
	local charset = m.charset or plain:find("[\128-\255]") and "utf-8" or "us-ascii"
	local encoding = m.encoding or choose(plain)
	return {
		head = head("text/" .. subtype .. "; charset=" .. charset, encoding),
		body = encode(t, plain, encoding),
	}
end

-- A message inside of a message must not be encoded (RFC 2046 5.2.1).
local function carried(t, kind, data)
	if kind:find("^message/") then
		return (data:gsub("\r?\n", "\r\n")), data:find("[\128-\255]") and "8bit" or "7bit"
	end
	return wrap(t:base64(data), 76), "base64"
end

function mime.attachment(t, file)
	local kind, data = file.type or "application/octet-stream", file.data
	if type(data) ~= "string" then
		complain("the data of an attachment is a string, not a %s", type(data))
	elseif not kind:find("^[%w!#$&^_.+-]+/[%w!#$&^_.+-]+$") then
		complain("'%s' is no type such as text/plain", kind)
	elseif file.name and (file.name:find("[%c]") or not utf8.len(file.name)) then
		complain("the name of an attachment is UTF-8 without control characters")
	end
	local body, encoding = carried(t, kind, data)
	local lines = head(kind, encoding)
	lines[3] = "Content-Disposition: attachment" ..
		(file.name and ";\r\n" .. parameter("filename", file.name) or "")
	return { head = lines, body = body }
end

-- No encoded text can hold "=_" (RFC 2045 6.7); a plain one is asked.
local function boundary(t, parts)
	while true do
		local line, free = "=_" .. t:uuid(), true
		for _, part in ipairs(parts) do
			free = free and not part.body:find(line, 1, true)
		end
		if free then
			return line
		end
	end
end

function mime.multipart(t, subtype, parts)
	local line, out = boundary(t, parts), {}
	for _, part in ipairs(parts) do
		out[#out + 1] = "--" .. line .. "\r\n" .. table.concat(part.head, "\r\n") ..
			"\r\n\r\n" .. part.body .. "\r\n"
	end
	local body = table.concat(out) .. "--" .. line .. "--\r\n"
	local lines = { "Content-Type: multipart/" .. subtype .. ';\r\n\tboundary="' .. line .. '"' }
	-- What holds octets above 127 says so itself (RFC 2045 6.4).
	if body:find("[\128-\255]") then
		lines[2] = "Content-Transfer-Encoding: 8bit"
	end
	return { head = lines, body = body }
end

return mime
