--[[
quoth.message: the text of a message, as smtp.message(t, { ... }) makes it.

Headers of RFC 5322, folded at 78 columns and never above 998; RFC 2047 and
RFC 2231 where something is not ASCII; MIME (RFC 2045, 2046) with 7bit,
quoted-printable or base64, whichever suits. Lines end in CRLF. The result is
what a careful mail program would send: whoever wants a broken message writes
it as text.
]]
local mime = require "quoth.mime"

local message = {}

local KEYS = {
	from = true, to = true, cc = true, subject = true, date = true,
	message_id = true, headers = true, text = true, html = true,
	attach = true, charset = true, encoding = true,
}

local function complain(...)
	error("smtp.message: " .. string.format(...), 0)
end

-- A line end would begin another header.
local function single_line(name, value)
	if type(value) ~= "string" then
		complain("%s is a string, not a %s", name, type(value))
	elseif value:find("[\r\n]") then
		complain("line break in %s; it would end the header", name)
	end
	return value
end

local function domain_of(address)
	return address:match("@([%w.-]+)>?%s*$") or "localhost"
end

-- "Łódź Office <office@example.test>": the name is encoded where it has to
-- be, quoted where it has to be, and else left alone.
local function mailbox(name, value)
	local words, address = single_line(name, value):match("^%s*(.-)%s*(<[^<>]*>)%s*$")
	if words == nil or words == "" then
		return value
	elseif mime.needs_words(words) then
		local plain = words:match('^"(.*)"$')
		return mime.words(plain and plain:gsub("\\(.)", "%1") or words) .. " " .. address
	elseif words:find('^".*"$') or not words:find('[()<>%[%]:;@\\,."]') then
		return words .. " " .. address
	end
	return '"' .. words:gsub('["\\]', "\\%0") .. '" ' .. address
end

local function mailboxes(name, value)
	local list = {}
	for at, one in ipairs(type(value) == "table" and value or { value }) do
		list[at] = mailbox(name, one)
	end
	return table.concat(list, ", ")
end

local function header_name(name)
	if type(name) ~= "string" or not name:find("^[!-9;-~]+$") then
		complain("'%s' is no name of a header field", tostring(name))
	end
	return name
end

-- { { "X-A", "1" }, { "X-A", "2" } } in their order, then { ["X-B"] = "3" } in
-- that of the alphabet, so that the same table always makes the same text.
local function extra(lines, headers)
	local names = {}
	for at, pair in ipairs(headers) do
		if type(pair) ~= "table" then
			complain("headers[%d] is { name, value }, not a %s", at, type(pair))
		end
		lines[#lines + 1] = mime.header(header_name(pair[1]),
			mime.unstructured(single_line(pair[1], pair[2])))
	end
	for name in pairs(headers) do
		if type(name) == "string" then
			names[#names + 1] = header_name(name)
		end
	end
	table.sort(names)
	for _, name in ipairs(names) do
		lines[#lines + 1] = mime.header(name,
			mime.unstructured(single_line(name, headers[name])))
	end
end

local function date_of(t, date)
	if type(date) == "number" then
		return t:date(date)
	end
	return date or t:date()
end

-- `false` leaves a field out that would be there by itself.
local function fields(t, m)
	local lines = {}
	local function put(name, value)
		lines[#lines + 1] = mime.header(name, value)
	end
	local from = mailboxes("from", m.from)
	if m.date ~= false then
		put("Date", single_line("date", date_of(t, m.date)))
	end
	put("From", from)
	if m.to then put("To", mailboxes("to", m.to)) end
	if m.cc then put("Cc", mailboxes("cc", m.cc)) end
	if m.subject then
		put("Subject", mime.unstructured(single_line("subject", m.subject)))
	end
	if m.message_id ~= false then
		put("Message-ID", single_line("message_id", m.message_id or
			"<" .. t:uuid() .. "@" .. domain_of(from) .. ">"))
	end
	extra(lines, m.headers or {})
	put("MIME-Version", "1.0")
	return lines
end

-- The tree of parts: text and html are alternatives, attachments stand
-- beside them.
local function content(t, m)
	local parts = {}
	if m.text or not (m.html or m.attach) then
		parts[1] = mime.text(t, "plain", m.text or "", m)
	end
	if m.html then
		parts[#parts + 1] = mime.text(t, "html", m.html, m)
	end
	local body = #parts > 1 and mime.multipart(t, "alternative", parts) or parts[1]
	if m.attach == nil or #m.attach == 0 then
		return body or mime.text(t, "plain", "", m)
	end
	local mixed = { body }
	for _, file in ipairs(m.attach) do
		mixed[#mixed + 1] = mime.attachment(t, file)
	end
	return mime.multipart(t, "mixed", mixed)
end

local function check(t, m)
	if type(m) ~= "table" then
		complain("call it as smtp.message(t, { from = ..., ... })")
	end
	for key in pairs(m) do
		if not KEYS[key] then
			complain("unknown key '%s'", tostring(key))
		end
	end
	if m.from == nil then
		complain("'from' is missing")
	end
end

---@class quoth.Attachment
---@field name? string in UTF-8
---@field type? string else application/octet-stream
---@field data string

---@class quoth.Message
---@field from string|string[] "a@b.c", "Name <a@b.c>" or a list of them
---@field to? string|string[]
---@field cc? string|string[]
---@field subject? string text in UTF-8
---@field date? string|number|false text, or seconds since 1970; else now; false: none
---@field message_id? string|false "<x@y>"; else a new one; false: none
---@field headers? table { ["X-Name"] = "value" } or { { "X-Name", "value" }, ... }
---@field text? string in UTF-8 or what `charset` says
---@field html? string the same
---@field charset? string of both
---@field encoding? "7bit"|"8bit"|"quoted-printable"|"base64" of both
---@field attach? quoth.Attachment[]

---@param t quoth.Run for the date, ids and base64
---@param m quoth.Message
---@return string
function message.build(t, m)
	check(t, m)
	local lines, part = fields(t, m), content(t, m)
	for _, line in ipairs(part.head) do
		lines[#lines + 1] = line
	end
	return table.concat(lines, "\r\n") .. "\r\n\r\n" .. part.body
end

return message
