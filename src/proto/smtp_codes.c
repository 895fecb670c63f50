/*
 * What SMTP's reply codes mean: those of RFC 5321 and its extensions, and what
 * common servers say beyond them. Sorted by code. `source` names the document
 * (and the section where it is certain); codes of no document are read by
 * their digits and say so.
 */
#include "proto/smtp.h"

static const struct code_row rows[] = {
	{ "200", "success, but not a code of SMTP",
	    "RFC 5321 4.2.1 (by its digits)",
	    "No SMTP document defines 200; it is HTTP's. It comes from home-made servers, "
	    "test stubs and proxies that answer in another protocol.",
	    "Read 2yz as success, but look whether the port really speaks SMTP." },
	{ "211", "system status or help",
	    "RFC 5321 4.2.3",
	    "The answer to HELP, and to the rare STAT; the text is meant for people.",
	    "Nothing is wrong. Do not build on the text: it differs with every server and "
	    "version." },
	{ "214", "help message",
	    "RFC 5321 4.2.3",
	    "The answer to HELP: a list of commands or a pointer to a page.",
	    "Nothing is wrong. The list is often older than the server; EHLO tells what is "
	    "really offered." },
	{ "220", "service ready",
	    "RFC 5321 4.2.3",
	    "The greeting after connect, or the go-ahead after STARTTLS (RFC 3207 4): then "
	    "the next octet belongs to the TLS handshake.",
	    "If it comes late, look at the server's lookups of the client's name and at "
	    "block lists; some servers delay the greeting on purpose." },
	{ "221", "service closing transmission channel",
	    "RFC 5321 4.2.3",
	    "The answer to QUIT; the server closes the connection next. Some servers also "
	    "use it when they hang up early.",
	    "Nothing is wrong after QUIT. Unasked, read the text: it gives the reason." },
	{ "235", "authentication succeeded",
	    "RFC 4954 6",
	    "The end of an AUTH exchange with the right credentials.",
	    "Go on with MAIL. A second AUTH in the same session is an error (503)." },
	{ "250", "requested mail action completed",
	    "RFC 5321 4.2.3",
	    "The command did what it should. After the final dot it means that the server "
	    "has taken responsibility for the message.",
	    "Nothing is wrong. If a refusal was expected here, the server's relay or "
	    "recipient rules are wider than they should be." },
	{ "251", "user not local, will forward",
	    "RFC 5321 4.2.3",
	    "The recipient has moved, and the server forwards; the new path stands in the "
	    "text. After ETRN: no messages are waiting (RFC 1985).",
	    "Counts as success for RCPT. Many servers forward and say 250, so accept both." },
	{ "252", "cannot verify the user, but will take the message",
	    "RFC 5321 4.2.3",
	    "The usual answer to VRFY where the server hides its addresses (RFC 5321 7.3). "
	    "After ETRN: delivery of pending messages started (RFC 1985).",
	    "Not a proof that the mailbox exists. Use RCPT in a transaction to find out." },
	{ "253", "pending messages for the node started",
	    "RFC 1985",
	    "The answer to ETRN: the queue for that domain is running, and the text tells "
	    "how many messages wait.",
	    "Nothing is wrong. The messages come over a new connection, not this one." },
	{ "334", "go on with the AUTH exchange",
	    "RFC 4954 4",
	    "The server waits for the next line of AUTH. The text is base64: "
	    "\"VXNlcm5hbWU6\" asks for the user name, \"UGFzc3dvcmQ6\" for the password.",
	    "Send base64 in one line, or \"*\" to cancel. An error of OAUTHBEARER also "
	    "comes this way first (RFC 7628): read it, then send the empty answer." },
	{ "354", "start mail input",
	    "RFC 5321 4.2.3",
	    "The answer to DATA: at least one recipient was accepted, or the server does "
	    "not look.",
	    "Send the message, lines that begin with a dot doubled, and end with CRLF dot "
	    "CRLF. After 354 with no recipient send the dot alone." },
	{ "355", "go on from this octet",
	    "RFC 1845",
	    "The answer to DATA when a transaction that broke before is taken up again "
	    "(CHECKPOINT): the text tells the octet. Experimental, hardly used.",
	    "Send the rest of the message from that octet on." },
	{ "421", "service not available, closing",
	    "RFC 5321 4.2.3",
	    "Shutdown, overload, too many connections or errors of this client, idle for "
	    "too long, or a block list. It may come at any time, also unasked (RFC 5321 "
	    "3.8).",
	    "Read the text and the server's log, wait, and connect again more slowly. Too "
	    "many connections: lower -j or raise the server's limit for this address." },
	{ "422", "mailbox over quota, or a password change is due",
	    "RFC 5321 4.2.1 (by its digits)",
	    "No RFC defines 422 itself. Servers and bounce texts use it for a full mailbox "
	    "(4.2.2); the registry of RFC 5248 links it with 4.7.12.",
	    "Look at the enhanced code and at the text, then at the mailbox's quota." },
	{ "430", "invalid command, for now",
	    "RFC 5248 (registry, with X.5.1)",
	    "Rare. The server refuses the command in its present state; some products use "
	    "it for wrong credentials, as NNTP and FTP do.",
	    "Read the text; try the command again after EHLO, and after AUTH." },
	{ "431", "out of memory or disk",
	    "RFC 5321 4.2.1 (by its digits)",
	    "No RFC defines 431. Exchange and lists derived from it use it for a server "
	    "without memory or disk space (4.3.1).",
	    "The receiving side must free space; try later." },
	{ "432", "a password transition is needed",
	    "RFC 4954 6",
	    "The account is known, but its password must be set anew before this mechanism "
	    "works. Exchange Online also uses 432 4.3.2 for throttling.",
	    "Sign in once with PLAIN over TLS, or set the password again. With 4.3.2: fewer "
	    "connections and recipients at a time." },
	{ "441", "the receiving host does not answer",
	    "RFC 5321 4.2.1 (by its digits)",
	    "No RFC defines 441. It is 4.4.1 written without dots, seen in bounce texts of "
	    "Exchange.",
	    "Check MX, routing and firewall between the relay and the next host." },
	{ "442", "the connection broke during delivery",
	    "RFC 5321 4.2.1 (by its digits)",
	    "No RFC defines 442. It is 4.4.2 written without dots, seen in bounce texts of "
	    "Exchange.",
	    "Look for timeouts, resets and packet filters on the way, and for MTU problems "
	    "when only large messages break." },
	{ "446", "too many hops",
	    "RFC 5321 4.2.1 (by its digits)",
	    "No RFC defines 446. It is 4.4.6 written without dots: the message goes round "
	    "in a loop.",
	    "Compare MX records, aliases and forwards; the Received lines show the circle." },
	{ "447", "the message expired in the queue",
	    "RFC 5321 4.2.1 (by its digits)",
	    "No RFC defines 447. It is 4.4.7 written without dots: the relay gave up after "
	    "its retry time.",
	    "Find the temporary error that was repeated until then." },
	{ "449", "routing error",
	    "RFC 5321 4.2.1 (by its digits)",
	    "No RFC defines 449. Exchange uses 4.4.9 for a route that it cannot work out.",
	    "Check send connectors, MX records and smart hosts of the relay." },
	{ "450", "mailbox unavailable for now",
	    "RFC 5321 4.2.3",
	    "Most often greylisting: an unknown sender, client and recipient are told to "
	    "come back. Also a locked mailbox, a failed lookup of the sender's domain, or "
	    "rate limits.",
	    "Try again after some minutes from the same address. For tests, exempt the "
	    "client from greylisting or use retry." },
	{ "451", "local error in processing",
	    "RFC 5321 4.2.3",
	    "The server's own trouble: a lookup timed out, a content filter or database is "
	    "down, a temporary policy. Greylisting uses it as well.",
	    "Try again later, and look into the server's log at that second: the reply "
	    "rarely tells all." },
	{ "452", "insufficient system storage",
	    "RFC 5321 4.2.3",
	    "The disk or the mailbox is full, or there are too many recipients in this "
	    "transaction (RFC 5321 4.5.3.1.10).",
	    "Too many recipients: send to the accepted ones, then start another transaction "
	    "for the rest. Otherwise free space on the server." },
	{ "453", "no mail for you",
	    "RFC 2645",
	    "The answer to ATRN when nothing is queued. Elsewhere it is a home-made code "
	    "for too many messages or a system not accepting mail (4.3.2).",
	    "Read the text; try again later." },
	{ "454", "temporary failure of authentication or TLS",
	    "RFC 4954 6, RFC 3207 4",
	    "The password database is not reachable, or TLS is offered and cannot start: "
	    "often a certificate or key that the server cannot read. Some servers refuse "
	    "relaying with 454 4.7.1.",
	    "Look at the server's log for the certificate or the authentication backend. Do "
	    "not fall back to plaintext." },
	{ "455", "parameters cannot be accommodated now",
	    "RFC 5321 4.2.3",
	    "A parameter of MAIL or RCPT is known but cannot be served at the moment, for "
	    "example a hold time or a priority.",
	    "Try later, or without that parameter." },
	{ "458", "unable to queue messages for the node",
	    "RFC 1985",
	    "The answer to ETRN: the queue run for that domain could not be started.",
	    "Try later, and look at the server's queue for that domain." },
	{ "459", "node not allowed",
	    "RFC 1985",
	    "The answer to ETRN: this client may not start the queue of that domain, or the "
	    "domain is not one of the server's.",
	    "Ask the server's operator to allow the domain and the client." },
	{ "471", "refused by a filter of the recipient",
	    "RFC 5321 4.2.1 (by its digits)",
	    "No RFC defines 471. It is 4.7.1 written without dots; a spam filter or a "
	    "policy refuses for now.",
	    "Read the text; check the sender's reputation, SPF and DKIM." },
	{ "500", "syntax error, command unrecognised",
	    "RFC 5321 4.2.3",
	    "A mistyped command, a line that is too long, or EHLO sent to a server that "
	    "knows only HELO. Also message text read as commands after a refused DATA. With "
	    "5.5.6 an AUTH line was too long.",
	    "Check spelling and order; after a refused EHLO use HELO. Firewalls that "
	    "rewrite SMTP turn commands into XXXX: look at what arrives." },
	{ "501", "syntax error in parameters",
	    "RFC 5321 4.2.3",
	    "A missing or malformed argument: no angle brackets, blanks behind \"MAIL "
	    "FROM:\", a bad address, a bad name in EHLO, bad base64 in AUTH, or AUTH "
	    "cancelled with \"*\".",
	    "Compare the line with the command's grammar (quoth explain MAIL)." },
	{ "502", "command not implemented",
	    "RFC 5321 4.2.3",
	    "The server knows the command and does not offer it: often VRFY, EXPN, HELP or "
	    "TURN, switched off on purpose. STARTTLS or AUTH where it is not configured.",
	    "Look at the keywords of the EHLO reply; do not use what is not listed." },
	{ "503", "bad sequence of commands",
	    "RFC 5321 4.2.3",
	    "A command at the wrong time: RCPT before MAIL, DATA without an accepted "
	    "recipient, a second MAIL, MAIL before EHLO where that is required, AUTH after "
	    "AUTH or within a transaction.",
	    "Look at the replies before this one: usually an earlier command was refused. "
	    "RSET starts a transaction anew." },
	{ "504", "parameter not implemented",
	    "RFC 5321 4.2.3",
	    "The command is known, the value of its parameter is not: an AUTH mechanism "
	    "that is not offered, BODY= with another word. Postfix says it to a name in "
	    "HELO that is not fully qualified.",
	    "Take a value that the EHLO reply lists; give a full host name in EHLO." },
	{ "510", "bad recipient address",
	    "RFC 5321 4.2.1 (by its digits)",
	    "No RFC defines 510. Some servers use it for an address that does not exist or "
	    "cannot be parsed.",
	    "Check the recipient's spelling; compare with VRFY or another server." },
	{ "511", "no such address",
	    "RFC 5321 4.2.1 (by its digits)",
	    "No RFC defines 511. It is 5.1.1 written without dots: the mailbox does not "
	    "exist.",
	    "Check the recipient's address." },
	{ "512", "host or domain not found",
	    "RFC 5321 4.2.1 (by its digits)",
	    "No RFC defines 512. It is 5.1.2 written without dots: the domain has neither "
	    "MX nor address records.",
	    "Look up the recipient's domain: MX first, then A and AAAA." },
	{ "513", "address not understood",
	    "RFC 5321 4.2.1 (by its digits)",
	    "No RFC defines 513. It is 5.1.3 written without dots; qmail-like servers also "
	    "refuse relaying with 513.",
	    "Check the form of the address, and whether the server wants authentication "
	    "first." },
	{ "521", "host does not accept mail",
	    "RFC 7504",
	    "A machine that never takes mail says so in its greeting, or a relay says it of "
	    "such a host. Some servers use it as \"go away\" for clients on a block list.",
	    "Use the domain's MX hosts. If this is the MX host, look whether the client's "
	    "address is blocked." },
	{ "523", "encryption needed, or message above the limit",
	    "RFC 5248 (registry, with X.7.10)",
	    "The registry gives it to 5.7.10: STARTTLS first. Bounce lists also write "
	    "5.2.3, message too large, in this way.",
	    "Read the enhanced code; start TLS, or send a smaller message." },
	{ "524", "encryption required for this mechanism",
	    "RFC 5248 (registry, with X.7.11)",
	    "The registry gives it to 5.7.11; the code of RFC 4954 is 538. Bounce lists "
	    "also write 5.2.4, a mailing list problem, in this way.",
	    "Start TLS before AUTH; with 5.2.4 ask the owner of the list." },
	{ "525", "user account disabled",
	    "RFC 5248 (registry, with X.7.13)",
	    "The credentials are right, but the account is locked: unpaid, compromised, or "
	    "by an administrator.",
	    "Ask the server's operator; another password does not help." },
	{ "530", "authentication required, or TLS first",
	    "RFC 4954 6, RFC 3207 4",
	    "A submission port (587, 465) before AUTH, or a server that takes no command "
	    "before STARTTLS. Some MX hosts say it to strangers who try to relay.",
	    "Read the text: send AUTH or STARTTLS first. To deliver to a domain as a "
	    "stranger, use its MX on port 25." },
	{ "533", "not authorised",
	    "RFC 5248 (registry, with X.7.1)",
	    "Rare. The registry links it with 5.7.1: the sender may not use this address or "
	    "this service.",
	    "Check which senders the account may use." },
	{ "534", "authentication mechanism is too weak",
	    "RFC 4954 6",
	    "The account may not use this mechanism. Gmail answers 534 5.7.9 when it wants "
	    "an application password or a sign-in in the browser.",
	    "Use a stronger mechanism of the EHLO reply; for Gmail make an application "
	    "password or use OAuth." },
	{ "535", "authentication credentials invalid",
	    "RFC 4954 6",
	    "Wrong user or password, a user name without its domain, a NUL missing in AUTH "
	    "PLAIN, or a mechanism that the account may not use. After several tries some "
	    "servers block the address.",
	    "Decode what was sent (base64) and look for blanks and line ends; try the same "
	    "credentials in a mail program." },
	{ "538", "encryption required for this mechanism",
	    "RFC 4954 6",
	    "PLAIN or LOGIN on a connection without TLS.",
	    "Start TLS, say EHLO again, then AUTH." },
	{ "540", "no mail server for the recipient",
	    "RFC 5321 4.2.1 (by its digits)",
	    "No RFC defines 540. Relays use it when the recipient's domain has no host that "
	    "takes mail (5.4.x).",
	    "Look up the MX records of the domain." },
	{ "541", "refused by the recipient's filter",
	    "RFC 5321 4.2.1 (by its digits)",
	    "No RFC defines 541. Filters and antivirus gateways use it for content that "
	    "they take for spam.",
	    "Read the text and its link; check reputation, SPF, DKIM and the content." },
	{ "550", "mailbox unavailable, or refused by policy",
	    "RFC 5321 4.2.3",
	    "The mailbox does not exist, relaying is denied, or a policy refuses: block "
	    "list, SPF, DMARC, missing reverse name. The enhanced code tells which: 5.1.1 "
	    "no such user, 5.7.1 not authorised.",
	    "Read the text. No such user: check the address. Relay denied: authenticate, or "
	    "use the server of that domain. Policy: its link says which list or rule." },
	{ "551", "user not local, please try another path",
	    "RFC 5321 4.2.3",
	    "The recipient is elsewhere and the server does not forward; the text may give "
	    "the new address. Some servers refuse relaying in this way.",
	    "Send to the address of the text, if you trust it, or use the MX of the domain." },
	{ "552", "exceeded storage allocation",
	    "RFC 5321 4.2.3",
	    "The message is larger than the server's limit (SIZE), or the mailbox is full. "
	    "Very old servers use it for too many recipients, which RFC 5321 4.5.3.1.10 "
	    "reads as 452. Gmail refuses dangerous attachments with it.",
	    "Compare with the number of SIZE in the EHLO reply; base64 makes attachments a "
	    "third larger." },
	{ "553", "mailbox name not allowed",
	    "RFC 5321 4.2.3",
	    "The address has a form that the server does not take: no domain, forbidden "
	    "characters, a source route. Many servers refuse a sender here that does not "
	    "belong to the signed-in user.",
	    "Give the full address in angle brackets; use a sender of your own account." },
	{ "554", "transaction failed",
	    "RFC 5321 4.2.3",
	    "As a greeting: no service for this client, often a block list. After DATA: no "
	    "valid recipients, or the content was refused. Anywhere: a policy without a "
	    "better code. Exim also says it when the client speaks too early.",
	    "The text decides. As a greeting look up the client's address in block lists; "
	    "after DATA look at the RCPT replies before." },
	{ "555", "parameters of MAIL or RCPT not recognised",
	    "RFC 5321 4.2.3",
	    "A parameter that the server did not offer (SIZE=, BODY=, SMTPUTF8, NOTIFY=), "
	    "or text behind the angle bracket. Gmail says it to addresses without brackets.",
	    "Send only parameters of keywords in the EHLO reply, and addresses within < and "
	    ">." },
	{ "556", "domain does not accept mail",
	    "RFC 7504",
	    "The recipient's domain publishes a null MX (RFC 7505), or all its hosts say "
	    "521.",
	    "There is no mailbox to reach: correct the domain." },
	{ "557", "too many duplicates or a rejected sender",
	    "RFC 5321 4.2.1 (by its digits)",
	    "No RFC defines 557. It is a product's own code for a policy.",
	    "Read the text; ask the operator of the server." },
	{ "571", "blocked by policy",
	    "RFC 5321 4.2.1 (by its digits)",
	    "No RFC defines 571, and its second digit is outside of the grammar. It is "
	    "5.7.1 written without dots: a sender, an address or a content is blocked.",
	    "Read the text; check block lists, SPF and DKIM of the sender." },
};

static int32_t
row_code(const struct code_row *row)
{
	return (row->code[0] - '0') * 100 + (row->code[1] - '0') * 10 +
	    (row->code[2] - '0');
}

const struct code_row *
smtp_explain_code(int32_t code)
{
	size_t low = 0, high = sizeof rows / sizeof rows[0];

	while (low < high) {
		size_t  middle = low + (high - low) / 2;
		int32_t here = row_code(&rows[middle]);

		if (here == code)
			return &rows[middle];
		if (here < code)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
