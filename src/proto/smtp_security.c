/*
 * What enhanced codes of subject 7 (security and policy) mean, and those that
 * products made for themselves. The index of a row of the first table is its
 * detail.
 */
#include "proto/smtp.h"

static const struct code_row security[] = {
	{ "X.7.0", "other or undefined security status",
	    "RFC 3463 3.8",
	    "A security or policy refusal that is not named. Also success: 2.7.0 after "
	    "AUTH. 5.7.0 comes with \"authentication required\" and \"must issue a STARTTLS "
	    "command first\".",
	    "Read the text; try AUTH or STARTTLS first." },
	{ "X.7.1", "delivery not authorised, message refused",
	    "RFC 3463 3.8",
	    "The sender is not allowed to send to this destination: relaying denied, a "
	    "block list, SPF or DMARC, spam, a private list. The most used policy code.",
	    "The text names the rule. Relaying: authenticate or use the right server. Block "
	    "list: follow its link and have the address removed." },
	{ "X.7.2", "mailing list expansion prohibited",
	    "RFC 3463 3.8",
	    "The sender may not write to this list, or EXPN is not allowed to this client.",
	    "Ask the owner of the list; write from a member's address." },
	{ "X.7.3", "security conversion required but not possible",
	    "RFC 3463 3.8",
	    "The message would have to change from one secure form to another, and cannot.",
	    "Send it in a form that the recipient's side takes." },
	{ "X.7.4", "security features not supported",
	    "RFC 3463 3.8",
	    "A security feature is asked for that the server does not have; with 504 an "
	    "AUTH mechanism that is unknown.",
	    "Use a mechanism of the AUTH line in the EHLO reply." },
	{ "X.7.5", "cryptographic failure",
	    "RFC 3463 3.8",
	    "A check or a decryption failed in the receiving system: a broken key, a bad "
	    "signature, TLS that does not come about.",
	    "Look at certificates, keys and the server's log." },
	{ "X.7.6", "cryptographic algorithm not supported",
	    "RFC 3463 3.8",
	    "The message or the session uses an algorithm that the other side does not "
	    "have.",
	    "Use a common one; look for outdated TLS settings." },
	{ "X.7.7", "message integrity failure",
	    "RFC 3463 3.8",
	    "The message does not fit its signature or checksum: it was changed on the way.",
	    "Look for gateways that add footers or rewrite headers." },
	{ "X.7.8", "authentication credentials invalid",
	    "RFC 4954 6",
	    "Wrong user or password, the wrong form of the user name, or an account that "
	    "must use another mechanism (tokens, application passwords).",
	    "Decode what was sent and look for blanks and line ends; try the credentials "
	    "elsewhere." },
	{ "X.7.9", "authentication mechanism is too weak",
	    "RFC 4954 6",
	    "The server's policy for this account asks for a stronger mechanism. Gmail: "
	    "\"application-specific password required\".",
	    "Use another mechanism of the EHLO reply, or an application password." },
	{ "X.7.10", "encryption needed",
	    "RFC 5248",
	    "The command or the mechanism needs a protected connection.",
	    "Start TLS first." },
	{ "X.7.11", "encryption required for requested authentication mechanism",
	    "RFC 4954 6",
	    "PLAIN or LOGIN without TLS.",
	    "Start TLS, say EHLO again, then AUTH." },
	{ "X.7.12", "a password transition is needed",
	    "RFC 4954 6",
	    "The stored password does not fit this mechanism; it must be set or used in the "
	    "clear once.",
	    "Sign in once with PLAIN over TLS, or set the password again." },
	{ "X.7.13", "user account disabled",
	    "RFC 5248",
	    "The credentials may be right, but the account is locked by its administrator "
	    "or for abuse.",
	    "Ask the operator; another password does not help." },
	{ "X.7.14", "trust relationship required",
	    "RFC 5248",
	    "The server needs a trust between itself and a third party (a Kerberos realm, a "
	    "domain) that is missing.",
	    "Ask both administrators to set it up." },
	{ "X.7.15", "priority level is too low",
	    "RFC 6710",
	    "The server takes only messages of a higher MT-PRIORITY at the moment.",
	    "Try later, or with another priority if you may." },
	{ "X.7.16", "message is too big for the specified priority",
	    "RFC 6710",
	    "Messages of that priority have a smaller size limit.",
	    "Send less, or with another priority." },
	{ "X.7.17", "mailbox owner has changed",
	    "RFC 7293",
	    "The address belongs to somebody else since the time that RRVS named.",
	    "Do not resend without asking; find the person's new address." },
	{ "X.7.18", "domain owner has changed",
	    "RFC 7293",
	    "The domain belongs to somebody else since the time that RRVS named.",
	    "Do not resend without asking; find the person's new address." },
	{ "X.7.19", "RRVS test cannot be completed",
	    "RFC 7293",
	    "The server could not find out since when the mailbox belongs to its owner.",
	    "Try later, or send without RRVS if the risk is acceptable." },
	{ "X.7.20", "no passing DKIM signature found",
	    "RFC 7372",
	    "No DKIM signature of the message is valid, and the receiver wants one.",
	    "Check the selector record in DNS and whether something changes the message "
	    "after signing." },
	{ "X.7.21", "no acceptable DKIM signature found",
	    "RFC 7372",
	    "There are valid signatures, but none that the receiver's policy takes: a weak "
	    "key, a foreign domain.",
	    "Sign with a key of 1024 bits or more, for the domain of the author." },
	{ "X.7.22", "no valid author-matched DKIM signature found",
	    "RFC 7372",
	    "No valid signature belongs to the domain of the From header.",
	    "Sign with the domain of the From header." },
	{ "X.7.23", "SPF validation failed",
	    "RFC 7372",
	    "The client's address is not in the SPF record of the sender's domain: a "
	    "forgotten server, or a plain forward.",
	    "Add the address to the record, or rewrite the sender when forwarding (SRS)." },
	{ "X.7.24", "SPF validation error",
	    "RFC 7372",
	    "The SPF record could not be evaluated: a syntax error, two records, more than "
	    "ten lookups, a DNS timeout.",
	    "Check the record with an SPF tool; count the includes." },
	{ "X.7.25", "reverse DNS validation failed",
	    "RFC 7372",
	    "The client's address has no name, or the name does not lead back to the "
	    "address.",
	    "Ask the owner of the network for a PTR record that fits the A or AAAA record." },
	{ "X.7.26", "multiple authentication checks failed",
	    "RFC 7372",
	    "Several of SPF, DKIM and DMARC failed. Gmail uses 5.7.26 for mail without any "
	    "passing check.",
	    "Repair SPF and DKIM for the domain of the From header, then look at DMARC." },
	{ "X.7.27", "sender address has null MX",
	    "RFC 7505",
	    "The sender's domain says in DNS (MX 0 .) that it takes no mail, so bounces "
	    "could not return.",
	    "Use a sender that can receive, or remove the null MX." },
	{ "X.7.28", "mail flood detected",
	    "RFC 5248 (registry)",
	    "Too many messages, like ones or from one source, in a short time. Gmail uses "
	    "4.7.28 for rates above its limits.",
	    "Send more slowly and look for a compromised account." },
	{ "X.7.29", "ARC validation failure",
	    "RFC 8617",
	    "The chain of ARC seals is broken: a forwarder changed the message or sealed it "
	    "badly.",
	    "Look at the ARC headers for cv=fail and the first host that says it." },
	{ "X.7.30", "REQUIRETLS support required",
	    "RFC 8689",
	    "The message was sent with REQUIRETLS, and the next host does not offer it or "
	    "no valid TLS.",
	    "Send without REQUIRETLS if the content allows, or ask the recipient's side to "
	    "offer it." },
};

/* Whole codes with their class; only what the registry does not have. */
static const struct code_row products[] = {
	{ "4.4.316", "connection refused by the on-premises host",
	    "Exchange Online",
	    "Exchange Online cannot reach the organisation's own server: a firewall, a "
	    "changed address, an expired certificate.",
	    "Check the inbound connector, the firewall for the service's addresses, and the "
	    "certificate." },
	{ "4.7.500", "access denied for now, throttled",
	    "Exchange Online",
	    "New or suspicious addresses are slowed down (4.7.500 to 4.7.699).",
	    "Send more slowly; look up the address at the provider's sender support." },
	{ "5.7.57", "client not authenticated to send anonymous mail",
	    "Exchange Online",
	    "MAIL without AUTH on the submission host, often a printer or a script.",
	    "Authenticate, or send to the tenant's MX host through a connector." },
	{ "5.7.64", "tenant attribution, relay access denied",
	    "Exchange Online",
	    "No inbound connector matches the client's address or certificate.",
	    "Correct the connector's address or certificate name." },
	{ "5.7.139", "authentication unsuccessful, disabled by policy",
	    "Exchange Online",
	    "SMTP AUTH is switched off for the tenant or the mailbox, or basic "
	    "authentication is.",
	    "Allow SMTP AUTH for the mailbox, or use OAuth." },
	{ "5.7.509", "access denied, sending domain does not pass DMARC",
	    "Exchange Online",
	    "The From domain publishes p=reject, and neither SPF nor DKIM passes in "
	    "alignment.",
	    "Repair SPF and DKIM for the domain of the From header." },
	{ "5.7.511", "access denied, banned sender",
	    "Exchange Online",
	    "The sending address is banned for abuse.",
	    "Use the delist address that the text gives." },
	{ "5.7.606", "access denied, banned sending address",
	    "Exchange Online",
	    "The client's address is on the provider's block list (5.7.606 to 5.7.649).",
	    "Ask for removal at the provider's delist portal." },
	{ "5.7.708", "access denied, traffic not accepted from this address",
	    "Exchange Online",
	    "A new tenant or an address of bad reputation sends too much.",
	    "Wait or verify the tenant; ask the provider's support." },
};

const struct code_row *
smtp_explain_product(uint32_t enhanced)
{
	for (size_t i = 0; i < sizeof products / sizeof products[0]; i++)
		if (enhanced_parse(span_of(products[i].code)) == enhanced)
			return &products[i];
	return NULL;
}

const struct code_row *
smtp_explain_security(uint32_t enhanced)
{
	size_t detail = ENHANCED_DETAIL(enhanced);

	if (detail < sizeof security / sizeof security[0])
		return &security[detail];
	return smtp_explain_product(enhanced);
}
