--[[
quoth.smtp: the commands of SMTP (RFC 5321) as functions of a connection.

	local smtp = require "quoth.smtp"

Each sends one command, expects what a client hopes for, and returns the
reply; in a report the step stands at the line that called it. Nothing is
sent that is not named here. Whoever expects something else writes the
command: c:send("RCPT TO:<x@example.test>"):expect(550).
]]
local message = require "quoth.message"

local smtp = { auth = {} }

---@alias quoth.smtp.Params table<string, string|number|boolean>|string[]
---@class quoth.smtp.Envelope
---@field from string
---@field to string|string[]
---@field message string
---@field mail? quoth.smtp.Params
---@field rcpt? quoth.smtp.Params

-- A path of MAIL and RCPT; what has its brackets already stays as it is, and
-- "" is the empty reverse path of bounces.
local function path(address)
	if type(address) ~= "string" then
		error("an address is a string, not a " .. type(address), 3)
	end
	return address:find("^<.*>$") and address or "<" .. address .. ">"
end

-- { SIZE = 1000, SMTPUTF8 = true } or { "SIZE=1000", "SMTPUTF8" }. Keys are
-- sorted, so that the same call always sends the same line.
local function parameters(params)
	local words, names = {}, {}
	for key, value in pairs(params or {}) do
		if type(key) == "string" and value then
			names[#names + 1] = key
		end
	end
	table.sort(names)
	for at, word in ipairs(params or {}) do
		words[at] = " " .. word
	end
	for _, name in ipairs(names) do
		local value = params[name]
		words[#words + 1] = " " .. name ..
			(value == true and "" or "=" .. tostring(value))
	end
	return table.concat(words)
end

---@param c quoth.Connection
---@param name string
---@return quoth.Reply
function smtp.ehlo(c, name)
	return c:send("EHLO " .. name):expect(250)
end

---@param c quoth.Connection
---@param name string
---@return quoth.Reply
function smtp.helo(c, name)
	return c:send("HELO " .. name):expect(250)
end

---@param c quoth.Connection
---@param from string without brackets, or with them
---@param params? quoth.smtp.Params
---@return quoth.Reply
function smtp.mail(c, from, params)
	return c:send("MAIL FROM:" .. path(from) .. parameters(params)):expect(250)
end

---@param c quoth.Connection
---@param to string without brackets, or with them
---@param params? quoth.smtp.Params
---@return quoth.Reply
function smtp.rcpt(c, to, params)
	return c:send("RCPT TO:" .. path(to) .. parameters(params)):expect { 250, 251 }
end

-- DATA and the message; the reply is the one to its end.
---@param c quoth.Connection
---@param text string
---@return quoth.Reply
function smtp.data(c, text)
	c:send("DATA"):expect(354)
	return c:body(text):expect(250)
end

---@param c quoth.Connection
---@return quoth.Reply
function smtp.rset(c)
	return c:send("RSET"):expect(250)
end

---@param c quoth.Connection
---@return quoth.Reply
function smtp.noop(c)
	return c:send("NOOP"):expect(250)
end

---@param c quoth.Connection
---@return quoth.Reply
function smtp.quit(c)
	return c:send("QUIT"):expect(221)
end

--[[
One transaction: { from =, to = address or list, message = text, and, where
they are wanted, mail = parameters of MAIL, rcpt = parameters of RCPT }.
The reply is the one to the end of the message.
]]
---@param c quoth.Connection
---@param envelope quoth.smtp.Envelope
---@return quoth.Reply
function smtp.send_message(c, envelope)
	local to = envelope.to
	if type(to) ~= "table" then
		to = { to }
	end
	if #to == 0 then
		error("send_message needs somebody in 'to'", 2)
	end
	smtp.mail(c, envelope.from, envelope.mail)
	for _, one in ipairs(to) do
		smtp.rcpt(c, one, envelope.rcpt)
	end
	return smtp.data(c, envelope.message)
end

--[[
SASL exchanges (RFC 4954) in single steps. User and password may be secret
parameters: they are only joined, encoded and signed, never looked at.
]]

-- RFC 4616; the initial response spares a round trip.
---@param c quoth.Connection
---@param t quoth.Run
---@param user string|quoth.Secret
---@param password string|quoth.Secret
---@return quoth.Reply
function smtp.auth.plain(c, t, user, password)
	local response = t:base64("\0" .. user .. "\0" .. password)
	return c:send("AUTH PLAIN " .. response, { secret = true }):expect(235)
end

-- No RFC: two prompts, whose wording differs from server to server.
---@param c quoth.Connection
---@param t quoth.Run
---@param user string|quoth.Secret
---@param password string|quoth.Secret
---@return quoth.Reply
function smtp.auth.login(c, t, user, password)
	c:send("AUTH LOGIN"):expect(334)
	c:send(t:base64(user), { secret = true }):expect(334)
	return c:send(t:base64(password), { secret = true }):expect(235)
end

-- RFC 2195: the password signs what the server made up, and is never sent.
---@param c quoth.Connection
---@param t quoth.Run
---@param user string|quoth.Secret
---@param password string|quoth.Secret
---@return quoth.Reply
function smtp.auth.cram_md5(c, t, user, password)
	local prompt = c:send("AUTH CRAM-MD5"):expect(334)
	local digest = t:hmac("md5", password, t:unbase64(prompt.text))
	return c:send(t:base64(user .. " " .. digest), { secret = true }):expect(235)
end

smtp.message = message.build

return smtp
