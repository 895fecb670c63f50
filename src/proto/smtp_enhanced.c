/*
 * What enhanced codes mean (RFC 3463 and the IANA registry "SMTP Enhanced
 * Status Codes" of RFC 5248), but for subject 7, which is smtp_security.c. The
 * index of a row is its detail. Each is the same for the classes 2, 4 and 5.
 */
#include "proto/smtp.h"

static const struct code_row subject_0[] = {
	{ "X.0.0", "other undefined status",
	    "RFC 3463 3.1",
	    "The server knows only success or failure, or did not care to say more.",
	    "Read the reply code and the text." },
};

static const struct code_row subject_1[] = {
	{ "X.1.0", "other address status",
	    "RFC 3463 3.2",
	    "Something about an address; Postfix uses 2.1.0 to accept a sender and 4.1.0 or "
	    "5.1.0 for addresses refused by a table.",
	    "Read the text; it names the address." },
	{ "X.1.1", "bad destination mailbox address",
	    "RFC 3463 3.2",
	    "The domain is right, the part before the @ does not exist: a typing error, a "
	    "mailbox that was deleted, or a recipient table that is out of date.",
	    "Check the spelling. If the mailbox should exist, look at the server's tables "
	    "of local recipients, aliases and virtual users." },
	{ "X.1.2", "bad destination system address",
	    "RFC 3463 3.2",
	    "The domain does not exist in DNS or cannot take mail. As 4.1.2 the lookup "
	    "itself failed.",
	    "Look up MX, A and AAAA records of the recipient's domain." },
	{ "X.1.3", "bad destination mailbox address syntax",
	    "RFC 3463 3.2",
	    "The address is malformed: blanks, two @, a missing bracket, forbidden "
	    "characters.",
	    "Compare with the grammar of RFC 5321 4.1.2." },
	{ "X.1.4", "destination mailbox address ambiguous",
	    "RFC 3463 3.2",
	    "The address fits several mailboxes, as with a bare family name.",
	    "Use the full address." },
	{ "X.1.5", "destination address valid",
	    "RFC 3463 3.2",
	    "The recipient was accepted. Only meaningful as 2.1.5.",
	    "Nothing is wrong." },
	{ "X.1.6", "destination mailbox has moved, no forwarding address",
	    "RFC 3463 3.2",
	    "The mailbox existed here once and is gone for good.",
	    "Find the new address by other means and drop the old one." },
	{ "X.1.7", "bad sender's mailbox address syntax",
	    "RFC 3463 3.2",
	    "The address in MAIL FROM is malformed, or empty brackets are refused (which "
	    "RFC 5321 4.5.5 forbids).",
	    "Check the sender's form; bounces must be sent from <>." },
	{ "X.1.8", "bad sender's system address",
	    "RFC 3463 3.2",
	    "The sender's domain does not exist or has neither MX nor address records. As "
	    "4.1.8 the lookup failed.",
	    "Use a sender whose domain resolves, also in tests: .invalid and .test never do "
	    "in public DNS." },
	{ "X.1.9", "message relayed to non-compliant mailer",
	    "RFC 3886",
	    "The message went to a system that cannot report what becomes of it.",
	    "Nothing to do; there will be no further tracking." },
	{ "X.1.10", "recipient address has null MX",
	    "RFC 7505",
	    "The recipient's domain says in DNS (MX 0 .) that it takes no mail.",
	    "Correct the domain of the address." },
};

static const struct code_row subject_2[] = {
	{ "X.2.0", "other or undefined mailbox status",
	    "RFC 3463 3.3",
	    "The mailbox exists and something about it failed. Greylisting is often "
	    "reported as 4.2.0.",
	    "Read the text; for 4.2.0 try again after some minutes." },
	{ "X.2.1", "mailbox disabled, not accepting messages",
	    "RFC 3463 3.3",
	    "The account is suspended, expired or not yet set up. Gmail uses 4.2.1 for a "
	    "mailbox that gets mail too fast.",
	    "Ask the recipient or its administrator over another channel; for 4.2.1 send "
	    "more slowly." },
	{ "X.2.2", "mailbox full",
	    "RFC 3463 3.3",
	    "The quota is reached. As 5.2.2 the server gives up at once, as 4.2.2 it hopes "
	    "for space.",
	    "The recipient must delete mail or get a larger quota." },
	{ "X.2.3", "message length exceeds administrative limit",
	    "RFC 3463 3.3",
	    "The message is larger than this mailbox may receive, though the server would "
	    "take it.",
	    "Send a smaller message or a link; the limit of one mailbox may be below the "
	    "SIZE of EHLO." },
	{ "X.2.4", "mailing list expansion problem",
	    "RFC 3463 3.3",
	    "The address is a list whose members could not be worked out: an empty group, a "
	    "broken include file, a directory that is down.",
	    "Ask the owner of the list; look at the alias file or directory group." },
};

static const struct code_row subject_3[] = {
	{ "X.3.0", "other or undefined mail system status",
	    "RFC 3463 3.4",
	    "Trouble of the receiving system that it does not name: often a filter, a "
	    "script or a full queue, as 4.3.0.",
	    "Look into the server's log at that moment; try later." },
	{ "X.3.1", "mail system full",
	    "RFC 3463 3.4",
	    "The disk of the spool is full, or its reserve is reached.",
	    "Free space on the server: Postfix refuses below queue_minfree or 1.5 times the "
	    "message limit." },
	{ "X.3.2", "system not accepting network messages",
	    "RFC 3463 3.4",
	    "Shutdown, maintenance, overload, or too many connections; often with 421. "
	    "Exchange Online throttles with 4.3.2.",
	    "Wait and try again with fewer connections." },
	{ "X.3.3", "system not capable of selected features",
	    "RFC 3463 3.4",
	    "The message needs a feature (an extension, a parameter) that this system does "
	    "not have.",
	    "Compare the command's parameters with the EHLO reply." },
	{ "X.3.4", "message too big for system",
	    "RFC 3463 3.4",
	    "The message is above the server's limit for all: the number of SIZE in its "
	    "EHLO reply.",
	    "Send less, or raise the limit (message_size_limit in Postfix and Exim)." },
	{ "X.3.5", "system incorrectly configured",
	    "RFC 3463 3.4",
	    "The server cannot do its work as it is set up: a missing map, a transport that "
	    "does not exist, a filter that is not there.",
	    "The server's log names the setting." },
	{ "X.3.6", "requested priority was changed",
	    "RFC 6710",
	    "The message was accepted with another priority than MT-PRIORITY asked for.",
	    "Nothing is wrong; the server decides which priorities this client gets." },
};

static const struct code_row subject_4[] = {
	{ "X.4.0", "other or undefined network or routing status",
	    "RFC 3463 3.5",
	    "The network between this server and the next one fails in a way that is not "
	    "named.",
	    "Look at DNS and connectivity of the relaying server." },
	{ "X.4.1", "no answer from host",
	    "RFC 3463 3.5",
	    "The next host refused or did not answer: down, a closed port, a firewall. "
	    "Exchange Online says 5.4.1 to recipients that are not in its directory.",
	    "From the relay, connect to port 25 of the recipient's MX hosts." },
	{ "X.4.2", "bad connection",
	    "RFC 3463 3.5",
	    "The connection broke or timed out during the dialogue. As 4.4.2 it is also "
	    "said to a client that was idle for too long.",
	    "Keep within the server's idle time; look for resets and packet filters." },
	{ "X.4.3", "directory server failure",
	    "RFC 3463 3.5",
	    "A directory that is needed for routing does not answer: DNS, LDAP, a database. "
	    "Often as 4.4.3 or 4.3.0 with \"lookup failure\".",
	    "Check the resolver and the directory that the server uses." },
	{ "X.4.4", "unable to route",
	    "RFC 3463 3.5",
	    "No next hop is known: the domain has no mail host, or the server's route "
	    "tables have no entry.",
	    "Look up the MX of the domain and the transport tables of the server." },
	{ "X.4.5", "mail system congestion",
	    "RFC 3463 3.5",
	    "Too much mail on the way: the queue or the load is above a limit. Some servers "
	    "throttle clients in this way.",
	    "Send more slowly; look at the load and the queue." },
	{ "X.4.6", "routing loop detected",
	    "RFC 3463 3.5",
	    "The message has passed too many hosts, or this host more than once: MX records "
	    "or forwards that point at each other.",
	    "Read the Received lines from the bottom: the names that repeat are the loop." },
	{ "X.4.7", "delivery time expired",
	    "RFC 3463 3.5",
	    "The relay gave up: the retry time or the time of DELIVERBY is over.",
	    "Find the temporary error that lasted so long." },
};

static const struct code_row subject_5[] = {
	{ "X.5.0", "other or undefined protocol status",
	    "RFC 3463 3.6",
	    "Something about the dialogue that has no code of its own.",
	    "Read the text and look at the order of the commands." },
	{ "X.5.1", "invalid command",
	    "RFC 3463 3.6",
	    "A command out of sequence or one that the server does not know; also DATA with "
	    "\"no valid recipients\" (554 5.5.1).",
	    "Look at the replies before: usually an earlier command was refused." },
	{ "X.5.2", "syntax error",
	    "RFC 3463 3.6",
	    "The command cannot be parsed: a mistyped verb, a bad name in EHLO, blanks in "
	    "wrong places, bad base64.",
	    "Compare the line with the command's grammar (quoth explain EHLO)." },
	{ "X.5.3", "too many recipients",
	    "RFC 3463 3.6",
	    "More recipients than one transaction may have; at least 100 must be allowed "
	    "(RFC 5321 4.5.3.1.8).",
	    "Deliver to the accepted ones, then start another transaction with the rest." },
	{ "X.5.4", "invalid command arguments",
	    "RFC 3463 3.6",
	    "The command is right, a parameter is not: unknown, repeated, out of range, or "
	    "not offered.",
	    "Use only parameters of keywords in the EHLO reply." },
	{ "X.5.5", "wrong protocol version",
	    "RFC 3463 3.6",
	    "The two sides speak versions that do not fit.",
	    "Rare; read the text." },
	{ "X.5.6", "authentication exchange line is too long",
	    "RFC 4954 6",
	    "A line of AUTH is longer than the server takes: large Kerberos tickets or "
	    "tokens. 12288 octets must be possible.",
	    "Use a smaller token or raise the server's line limit." },
};

static const struct code_row subject_6[] = {
	{ "X.6.0", "other or undefined media error",
	    "RFC 3463 3.7",
	    "The content could not be handled in some way.",
	    "Read the text; try a plain message." },
	{ "X.6.1", "media not supported",
	    "RFC 3463 3.7",
	    "The recipient's system or a policy takes no content of this type.",
	    "Send another type, often text only." },
	{ "X.6.2", "conversion required and prohibited",
	    "RFC 3463 3.7",
	    "The content would have to be converted on the way, and someone forbade it.",
	    "Send the content in a form that needs no conversion." },
	{ "X.6.3", "conversion required but not supported",
	    "RFC 3463 3.7",
	    "Content in 8 bits, binary or SMTPUTF8 has to pass a host that does not offer "
	    "it, and the sender does not convert.",
	    "Encode in base64 or quoted-printable, or use a route with 8BITMIME." },
	{ "X.6.4", "conversion with loss performed",
	    "RFC 3463 3.7",
	    "The content was converted, and something of it got lost.",
	    "Send it in a form that needs no conversion." },
	{ "X.6.5", "conversion failed",
	    "RFC 3463 3.7",
	    "A conversion was tried and did not work: often a charset label that does not "
	    "fit the octets.",
	    "Check charset and encoding of the message's parts." },
	{ "X.6.6", "message content not available",
	    "RFC 4468",
	    "The message that BURL points at could not be fetched from the IMAP server.",
	    "Check the URL and its authorisation, and that the message still exists." },
	{ "X.6.7", "non-ASCII addresses not permitted for that sender or recipient",
	    "RFC 6531",
	    "An internationalised address, and SMTPUTF8 is missing on MAIL or on the way to "
	    "the mailbox.",
	    "Offer and use SMTPUTF8, or give an ASCII address." },
	{ "X.6.8", "UTF-8 reply required, but not permitted by the client",
	    "RFC 6531",
	    "The answer would need UTF-8 and the client did not say SMTPUTF8 (VRFY, EXPN, "
	    "RCPT).",
	    "Add the SMTPUTF8 parameter to the command." },
	{ "X.6.9", "UTF-8 header message cannot be passed to one or more recipients",
	    "RFC 6531",
	    "The headers are UTF-8, and a mailbox or the next host does not take such "
	    "messages.",
	    "Send an ASCII version to those recipients." },
	{ "X.6.10", "UTF-8 reply required (deprecated double of X.6.8)",
	    "RFC 6531",
	    "The same as X.6.8, registered twice by mistake.",
	    "See X.6.8; servers should not use this one." },
};

static const struct {
	const struct code_row *rows;
	size_t                 count;
} subjects[] = {
#define SUBJECT(rows) { rows, sizeof rows / sizeof rows[0] }
	SUBJECT(subject_0), SUBJECT(subject_1), SUBJECT(subject_2),
	SUBJECT(subject_3), SUBJECT(subject_4), SUBJECT(subject_5),
	SUBJECT(subject_6)
#undef SUBJECT
};

static const struct code_row *
registered(uint32_t enhanced)
{
	size_t subject = ENHANCED_SUBJECT(enhanced);
	size_t detail = ENHANCED_DETAIL(enhanced);

	if (subject >= sizeof subjects / sizeof subjects[0] ||
	    detail >= subjects[subject].count)
		return NULL;
	return &subjects[subject].rows[detail];
}

const struct code_row *
smtp_explain_enhanced(uint32_t enhanced)
{
	uint32_t class = ENHANCED_CLASS(enhanced);
	const struct code_row *row;

	if (class != 2 && class != 4 && class != 5)
		return NULL;
	if (ENHANCED_SUBJECT(enhanced) == 7)
		return smtp_explain_security(enhanced);
	row = registered(enhanced);
	return row != NULL ? row : smtp_explain_product(enhanced);
}
