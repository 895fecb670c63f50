---@meta quoth
-- What editors with a Lua language server (LuaLS) know about quoth: completion
-- and checks while typing. Nothing here is run. Point the server's
-- workspace.library at this folder. Blocks between "begin" and "end" come
-- from the tables of the code: ./dev docs writes them.
-- The whole contract in prose: README.md beside this file.

---Registers scenarios; the first thing a file asks for.
---@class quoth
---@field version string of the program
---@field lua string "Lua 5.4.x"
local quoth = {}

---Registers one scenario, while the file loads.
---@param name string
---@return fun(scenario: quoth.Scenario)
---@overload fun(name: string, scenario: quoth.Scenario)
function quoth.scenario(name) end

-- begin scenario
---@class quoth.Scenario
---@field name? string what reports call it
---@field about? string what it is for
---@field tags? string|string[] words for --tag
---@field protocol? quoth.Protocol how replies are read
---@field target? string where to connect when nobody says it
---@field params? table<string, quoth.Param> typed inputs: t.params
---@field vars? table<string, string|number|string[]> evaluated once a run: t.vars
---@field needs? string|string[] capabilities that the server must offer
---@field timeout? string how long a reply may take
---@field each? quoth.Row[]|table<string, quoth.Value[]>|{ file: string } one scenario for each row: t.row
---@field retry? quoth.Retry runs all of it again
---@field on_fail? "stop"|"continue" what a failed step means
---@field steps? quoth.Step[] the dialogue, in place of `run`
---@field always? quoth.Step[] run at the end whatever happened
---@field define? table<string, quoth.Step[]> dialogues for t:use()
---@field serial? boolean one at a time with the file's others
---@field lock? string|string[] holders of one word never run together
---@field only? boolean runs this one alone
---@field skip? string the reason why it is not run
---@field xfail? quoth.Xfail expected to fail
---@field flaws? quoth.Flaw[] flaws that are tolerated
---@field run? fun(t: quoth.Run) the dialogue, computed
-- end scenario

---@alias quoth.Value string|number|boolean|string[]
---@alias quoth.Row table<string, quoth.Value|integer[]>

---A code 250, a class "2xx" or "25x", a range "250..259", or a word.
---@alias quoth.Code integer|string|"any"|"closed"|"silence"|"refused"
---@alias quoth.Codes quoth.Code|quoth.Code[]
---@alias quoth.TlsVersion "TLSv1.0"|"TLSv1.1"|"TLSv1.2"|"TLSv1.3"

---Codes, or a map whose keys all have to hold.
---@alias quoth.Expect quoth.Codes|quoth.ExpectMap

-- begin classes
---@class quoth.Param
---@field type? quoth.ParamType what a value must look like
---@field default? quoth.Value the value when none is given
---@field required? boolean a value must be given
---@field secret? boolean an opaque handle in t.params
---@field env? string an environment variable that holds it
---@field about? string what it is for
---@field choices? string[] what it may be
---@field min? string|number lower bound
---@field max? string|number upper bound
---@field pattern? string a regular expression that it matches

---@class quoth.Retry
---@field times integer further attempts
---@field every? string pause in between, such as "1s"
---@field on? (quoth.Code|"connect"|"timeout")[] what is tried again

---@class quoth.Xfail
---@field because string the reason
---@field expires string a date such as "2099-12-31"

---@class quoth.ExpectMap
---@field code? quoth.Codes accepted codes
---@field never? quoth.Codes codes that must not come
---@field ends? quoth.Codes also accepted; the dialogue is then over
---@field enhanced? string|string[] such as "5.1.1" or "5.7.x"
---@field text? string text that occurs, or "/regex/flags"
---@field lines? quoth.Lines lines of the reply
---@field offers? string|string[] capabilities that this reply lists
---@field lacks? string|string[] capabilities that it does not
---@field within? string no later than this
---@field after? string no sooner than this
---@field flaws? quoth.Flaw[] flaws that it may have
---@field needs? string|string[] skips the scenario unless it offers these
---@field capture? table<string, string> name = "/re(gex)/": t.vars
---@field tls? "failed"|quoth.TlsFacts what a handshake came to

---@class quoth.Lines
---@field has? string|string[] matchers that some line fits
---@field lacks? string|string[] matchers that no line fits
---@field count? integer how many lines

---@class quoth.Connect
---@field to? string a target
---@field from? string the local address
---@field timeout? string how long connecting may take
---@field proxy? integer|"none"|{ version: integer, from?: string, to?: string, local?: boolean } a header of the PROXY protocol
---@field tls? quoth.Tls how TLS begins, where the target says it
---@field on? string its name

---@class quoth.Tls
---@field verify? boolean the certificate has to hold (true)
---@field ca? string a PEM file of CAs to trust
---@field cert? string a PEM file of our own certificate
---@field key? string a PEM file of its key
---@field name? string to verify, and for SNI
---@field min? quoth.TlsVersion the oldest version to offer
---@field max? quoth.TlsVersion the newest version to offer
---@field resume? boolean keeps the session, offers the one before

---@class quoth.TlsFacts
---@field version? quoth.TlsVersion|quoth.TlsVersion[] the version
---@field cipher? string text of its name, or "/regex/flags"
---@field verified? boolean the certificate holds
---@field days_left? integer at least, until it expires
---@field name? string a matcher of one of its names
---@field issuer? string a matcher of its issuer
---@field resumed? boolean a session was resumed
---@field close_notify? boolean said before the close

---@class quoth.Auth
---@field mechanism quoth.Mechanism such as "SCRAM-SHA-256"
---@field user? string|quoth.Secret who signs in
---@field password? string|quoth.Secret never shown
---@field token? string|quoth.Secret of OAuth; never shown
---@field authzid? string|quoth.Secret for whom to act
---@field initial? boolean false withholds the initial response

---@class quoth.Write
---@field text? string the octets
---@field hex? string the octets in hexadecimal
---@field base64? string the octets in base64
---@field file? string a file that holds them
---@field chunks? integer|integer[] how many octets at a time
---@field every? string pause in between, such as "1s"

---@class quoth.Body
---@field text? string the message
---@field file? string a file that holds it
---@field headers? table<string, string>|table<string, string>[] in front of the text; a list keeps its order
---@field date? boolean adds Date
---@field message_id? boolean adds Message-ID
---@field attach? quoth.Attachment[] parts of a multipart/mixed
---@field size? string|integer lines are added up to it
---@field raw? boolean nothing is changed
---@field utf8? boolean headers keep UTF-8
---@field dot? boolean false: no closing dot

---@class quoth.Bdat
---@field text? string the message
---@field file? string a file that holds it
---@field headers? table<string, string>|table<string, string>[] in front of the text; a list keeps its order
---@field date? boolean adds Date
---@field message_id? boolean adds Message-ID
---@field attach? quoth.Attachment[] parts of a multipart/mixed
---@field size? string|integer lines are added up to it
---@field raw? boolean nothing is changed
---@field utf8? boolean headers keep UTF-8
---@field chunk? string|integer octets of each chunk
---@field last? boolean false: no chunk says LAST
---@field declare? string|integer a size in place of the true one

---@class quoth.Attachment
---@field file? string a file that holds it
---@field data? string the octets
---@field name? string of the file
---@field type? string such as "text/plain"
---@field encoding? "base64"|"8bit"|"binary" base64 unless given

---@class quoth.Close
---@field half? boolean only our side

---@class quoth.Loop
---@field times integer how often
---@field as? string the name of the counter
---@field steps quoth.Step[] what is repeated

---@class quoth.Eventually
---@field within string for how long
---@field every? string pause in between, such as "1s"
---@field steps quoth.Step[] what has to pass
-- end classes

-- begin words
---@alias quoth.Mechanism
---| '"PLAIN"' # RFC 4616
---| '"LOGIN"' # draft-murchison-sasl-login
---| '"CRAM-MD5"' # RFC 2195
---| '"DIGEST-MD5"' # RFC 2831
---| '"SCRAM-SHA-1"' # RFC 5802
---| '"SCRAM-SHA-1-PLUS"' # RFC 5802
---| '"SCRAM-SHA-256"' # RFC 7677
---| '"SCRAM-SHA-256-PLUS"' # RFC 7677
---| '"EXTERNAL"' # RFC 4422 A
---| '"ANONYMOUS"' # RFC 4505
---| '"XOAUTH2"' # developers.google.com/gmail/imap/xoauth2-protocol
---| '"OAUTHBEARER"' # RFC 7628

---@alias quoth.Flaw
---| '"bare-lf"' # a line ends in LF without CR
---| '"bare-cr"' # a CR without LF behind it
---| '"bad-code"' # a line does not start with a three-digit code
---| '"code-range"' # the code is outside of 200 to 559, or its second digit is above 5
---| '"mixed-codes"' # the lines of one reply carry different codes
---| '"bad-separator"' # neither a space nor a hyphen follows the code
---| '"long-line"' # a line is longer than 512 octets
---| '"nul"' # a NUL octet inside a line
---| '"non-ascii"' # an octet above 127 in a reply
---| '"too-many-lines"' # more lines than one reply may have here (10,000)
---| '"unsolicited"' # octets that no command asked for
---| '"injection"' # plaintext octets were left when TLS started
---| '"enhanced-class"' # the class of the enhanced code is not the first digit of the code
---| '"cut"' # the connection ended in the middle of a reply
---| '"too-long"' # a line above 64 KiB, or a reply above 1 MiB

---@alias quoth.ParamType
---| '"string"' # text
---| '"int"' # a whole number
---| '"bool"' # true or false
---| '"duration"' # a duration such as 250ms or 10s
---| '"bytes"' # a size such as 512 or 10KiB
---| '"endpoint"' # a target such as smtp://host:25
---| '"host"' # a host name or address
---| '"ip"' # an IPv4 or IPv6 address
---| '"email"' # an address such as alice@example.test
---| '"path"' # a path
---| '"enum"' # one of its choices
---| '"list"' # words with commas between them

---@alias quoth.Protocol
---| '"smtp"' # SMTP and ESMTP, RFC 5321
---| '"lmtp"' # LMTP, RFC 2033
---| '"tcp"' # lines over TCP, without codes

---Filters of `${name|filter}` in tables of steps.
---@alias quoth.Filter
---| '"base64"' # base64 of the value
---| '"hex"' # two hexadecimal digits an octet
---| '"idna"' # the domain, or that of an address, as A-labels
---| '"length"' # how many octets
---| '"lower"' # ASCII letters in lower case
---| '"md5"' # MD5 digest in hexadecimal
---| '"repeat"' # repeat N: the value N times
---| '"sha256"' # SHA-256 digest in hexadecimal
---| '"split"' # a list, cut at blanks
---| '"trim"' # without white space at both ends
---| '"unbase64"' # the octets that base64 stands for
---| '"unescape"' # \r \n \t \0 \\ \xNN decoded
---| '"upper"' # ASCII letters in upper case
-- end words

---Keys beside an act: the last argument of every act.
-- begin modifiers
---@class quoth.Modifiers
---@field title? string what reports call the step
---@field timeout? string how long its reply may take, such as "10s"
---@field level? "must"|"should" should: a failure is a warning
---@field on_fail? "stop"|"continue" what its failure means
---@field secret? boolean masks its octets in every report
-- end modifiers

---One step of `steps`, `always` and `define`, as in YAML.
-- begin step
---@class quoth.Step: quoth.Modifiers
---@field connect? string|quoth.Connect connect: [URL] or connect: { to, from, timeout, proxy, tls }
---@field send? string|quoth.Secret send: LINE
---@field write? string|quoth.Secret|quoth.Write write: BYTES or write: { text, hex, base64, file, chunks, every }
---@field body? string|quoth.Secret|quoth.Body body: TEXT or body: { text, file, headers, date, message_id, attach, size, raw, utf8, dot }
---@field bdat? string|quoth.Secret|quoth.Bdat bdat: TEXT or bdat: { text, file, headers, date, message_id, attach, size, raw, utf8, chunk, last, declare }
---@field starttls? quoth.Tls starttls: or starttls: { verify, ca, cert, key, name, min, max, resume }
---@field auth? quoth.Auth auth: { mechanism, user, password, token, authzid, initial }
---@field tls? quoth.Tls tls: or tls: { verify, ca, cert, key, name, min, max, resume }
---@field close? quoth.Close close: or close: { half: true }
---@field abort? {} abort:
---@field wait? string wait: DURATION
---@field set? table<string, string|number|quoth.Secret> set: { NAME: VALUE, ... }
---@field pipeline? quoth.Step[] acts that leave in one write
---@field use? string a dialogue of `define`
---@field with? table<string, quoth.Value> values for `use`
---@field loop? quoth.Loop unrolled while loading
---@field eventually? quoth.Eventually until all of its steps pass
---@field on? string the connection, by name
---@field expect? quoth.Expect what has to come
---@field expect_each? quoth.Expect[] several replies, in order
-- end step

---The value of a secret parameter, or a text made of one. It can be joined
---(`..`), sent, and given to t:base64() and t:hmac(); never looked at.
---@class quoth.Secret
---@operator concat(string|quoth.Secret): quoth.Secret

---What a server answered. A field waits until the reply is there.
---@class quoth.Reply
---@field code? integer nil where there is none
---@field enhanced? string such as "2.1.0"
---@field text string all lines without codes, joined by LF
---@field lines string[] the same, a line each
---@field raw string the octets
---@field flaws quoth.Flaw[]
---@field offers? table<string, string> capabilities and their parameters, of a capability reply
---@field ms number how long it took
---@field passed boolean whether it was as expected

---An open connection, and the act that waits for its expectation.
---@class quoth.Connection
local Connection = {}

---What the reply has to be, else the scenario stops here.
---@param what quoth.Expect
---@param modifiers? quoth.Modifiers of the step
---@return quoth.Reply
function Connection:expect(what, modifiers) end

---As expect(), but goes on after a failure.
---@param what quoth.Expect
---@param modifiers? quoth.Modifiers of the step
---@return quoth.Reply reply
---@return boolean passed
function Connection:check(what, modifiers) end

---Several replies to one act, in order.
---@param what quoth.Expect[]
---@param modifiers? quoth.Modifiers of the step
---@return quoth.Reply ... one for each
function Connection:expect_each(what, modifiers) end

-- begin connection_acts
---One command line; CRLF is added. `send: LINE`
---@param line string|quoth.Secret
---@param modifiers? quoth.Modifiers
---@return quoth.Connection
function Connection:send(line, modifiers) end

---Exactly these octets. `write: BYTES or write: { text, hex, base64, file, chunks, every }`
---@param octets string|quoth.Secret|quoth.Write
---@param modifiers? quoth.Modifiers
---@return quoth.Connection
function Connection:write(octets, modifiers) end

---Content of a message: dots stuffed, closing dot. `body: TEXT or body: { text, file, headers, date, message_id, attach, size, raw, utf8, dot }`
---@param message string|quoth.Secret|quoth.Body
---@param modifiers? quoth.Modifiers
---@return quoth.Connection
function Connection:body(message, modifiers) end

---Content of a message as BDAT chunks. `bdat: TEXT or bdat: { text, file, headers, date, message_id, attach, size, raw, utf8, chunk, last, declare }`
---@param message string|quoth.Secret|quoth.Bdat
---@param modifiers? quoth.Modifiers
---@return quoth.Connection
function Connection:bdat(message, modifiers) end

---The command that starts TLS, and the handshake. `starttls: or starttls: { verify, ca, cert, key, name, min, max, resume }`
---@param how? quoth.Tls
---@param modifiers? quoth.Modifiers
---@return quoth.Connection
function Connection:starttls(how, modifiers) end

---One SASL exchange. `auth: { mechanism, user, password, token, authzid, initial }`
---@param how quoth.Auth
---@param modifiers? quoth.Modifiers
---@return quoth.Connection
function Connection:auth(how, modifiers) end

---A TLS handshake. `tls: or tls: { verify, ca, cert, key, name, min, max, resume }`
---@param how? quoth.Tls
---@param modifiers? quoth.Modifiers
---@return quoth.Connection
function Connection:tls(how, modifiers) end

---An orderly close. `close: or close: { half: true }`
---@param how? quoth.Close
---@param modifiers? quoth.Modifiers
---@return quoth.Connection
function Connection:close(how, modifiers) end

---A reset. `abort:`
---@param nothing? nil
---@param modifiers? quoth.Modifiers
---@return quoth.Connection
function Connection:abort(nothing, modifiers) end
-- end connection_acts

---@class quoth.Target
---@field host string
---@field port integer

---One run of a scenario: the argument of `run`.
---@class quoth.Run
---@field params table<string, any> typed: integers, booleans, lists, text, quoth.Secret
---@field vars table<string, string|string[]> `vars`, columns, and what was captured
---@field client string the name to say in EHLO
---@field scenario string its name
---@field row string its row in a table, else ""
---@field attempt integer from 1 on
---@field seed integer of the run
---@field target quoth.Target
local Run = {}

---Opens a connection. The first one is called `main`.
---@param to? string|quoth.Connect
---@param modifiers? quoth.Modifiers
---@return quoth.Connection
function Run:connect(to, modifiers) end

---All acts of fn leave in one write; then its expectations are judged.
---@generic T
---@param fn fun(): T
---@return T
function Run:pipeline(fn) end

---Calls fn again and again until all of its expectations hold.
---@generic T
---@param within string for how long
---@param every string the pause in between
---@param fn fun(): T
---@return T
function Run:eventually(within, every, fn) end

---Runs a dialogue of `define`.
---@param name string
---@param with? table<string, quoth.Value|quoth.Secret>
---@param modifiers? quoth.Modifiers
function Run:use(name, with, modifiers) end

-- begin run_acts
---Pauses, such as "250ms". `wait: DURATION`
---@param duration string
---@param modifiers? quoth.Modifiers
---@return nil
function Run:wait(duration, modifiers) end

---Variables for dialogues that follow. `set: { NAME: VALUE, ... }`
---@param values table<string, string|number|quoth.Secret>
---@param modifiers? quoth.Modifiers
---@return nil
function Run:set(values, modifiers) end
-- end run_acts

---Puts a line into the transcript and the event file.
---@param ... any
function Run:note(...) end

---Ends the run as skipped.
---@param reason string
function Run:skip(reason) end

---Ends the run as failed.
---@param reason string
function Run:fail(reason) end

---As math.random, decided by the seed and the scenario.
---@param m? integer
---@param n? integer
---@return number
function Run:random(m, n) end

---@return string
function Run:uuid() end

---RFC 5322; now unless given.
---@param epoch? number
---@return string
function Run:date(epoch) end

---@generic T: string|quoth.Secret
---@param text T
---@return T
function Run:base64(text) end

---@param text string
---@return string
function Run:unbase64(text) end

---Hexadecimal digits, or octets with "raw".
---@generic T: string|quoth.Secret
---@param digest "md5"|"sha1"|"sha256"|"sha512"
---@param key T
---@param data string|quoth.Secret
---@param form? "raw"
---@return T
function Run:hmac(digest, key, data, form) end

return quoth
