/*
 * serve: whole dialogues. Each is fed in one piece, octet by octet, and in
 * pieces of seven: what comes out must be the same. Limits are in
 * test_serve_limits.c.
 */
#include "serve_talk.h"

#define S(literal) { (literal), sizeof(literal) - 1 }
#define HELLO "EHLO a.test\r\n"
#define HELLO_REPLY "250-embedded.quoth.test\r\n250-PIPELINING\r\n" \
	"250-SIZE 1000\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n" \
	"250-SMTPUTF8\r\n250-DSN\r\n250-CHUNKING\r\n250-BINARYMIME\r\n" \
	"250-DELIVERBY\r\n250-FUTURERELEASE 86400 2099-12-31T23:59:59Z\r\n" \
	"250-MT-PRIORITY MIXER\r\n250-LIMITS RCPTMAX=1000\r\n250-ETRN\r\n" \
	"250-VRFY\r\n250-EXPN\r\n" \
	"250-XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT\r\n" \
	"250-XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\r\n250 HELP\r\n"
#define MAIL "MAIL FROM:<>\r\n"
#define OK_MAIL "250 2.1.0 OK\r\n"
#define OK_RCPT "250 2.1.5 OK\r\n"
#define TO_BOB "RCPT TO:<bob@example.test>\r\n"
#define BAD_BDAT "501 5.5.4 Syntax: BDAT size [LAST]\r\n"
#define TEAM "250-2.1.5 <alice@example.test>\r\n" \
	"250 2.1.5 <bob@example.test>\r\n"
#define GO "354 End with <CR><LF>.<CR><LF>\r\n"
#define QUEUED "250 2.0.0 queued as 000000000000\r\n"

#define NO_ATTRIBUTE "501 5.5.4 No such attribute\r\n"
#define BAD_VALUE "501 5.5.4 Bad value of an attribute\r\n"
#define X20 "xxxxxxxxxxxxxxxxxxxx"
#define X100 X20 X20 X20 X20 X20 "\r\n"
#define X200 X20 X20 X20 X20 X20 X20 X20 X20 X20 X20
#define X1000 X200 X200 X200 X200 X200
#define TOO_BIG "552 5.3.4 Message size above the limit\r\n"
#define TORN "503 5.5.1 An earlier chunk was refused\r\n"
#define TORN_FIRST "503 5.5.1 A chunk was refused: send RSET first\r\n"

enum { CLOSES = true, STAYS = false };

static const struct row {
	struct span in, out;
	bool        closes;
} rows[] = {
	/* The classical talk, one command after the other and all at once. */
	{ S("HELO a\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<alice@example.test>\r\n"
	    "DATA\r\nSubject: x\r\n\r\n..\r\n.\r\nQUIT\r\nNOOP\r\n"),
	  S("250 embedded.quoth.test\r\n" OK_MAIL OK_RCPT GO QUEUED
	    "221 2.0.0 Bye\r\n"), CLOSES },
	{ S("ehlo [127.0.0.1]\r\nmail from:<>\r\nrcpt to:<BOB@Example.Test>\r\n"
	    "data\r\n.\r\nrset\r\n"),
	  S(HELLO_REPLY OK_MAIL OK_RCPT GO QUEUED "250 2.0.0 OK\r\n"), STAYS },
	/* Greeting. */
	{ S("EHLO\r\nEHLO a b\r\nHELO\r\nHELO <a>\r\nEHLO a(b)\r\n"),
	  S("501 Want a domain or an address literal\r\n"
	    "501 Want a domain or an address literal\r\n"
	    "501 Want a domain or an address literal\r\n"
	    "501 Want a domain or an address literal\r\n"
	    "501 Want a domain or an address literal\r\n"), STAYS },
	{ S("EHLO \xc3\xbc.test\r\nEHLO my_host\r\nEHLO \xc3\r\n"),
	  S(HELLO_REPLY HELLO_REPLY
	    "501 Want a domain or an address literal\r\n"), STAYS },
	/* Before EHLO. */
	{ S("MAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\nNOOP x\r\nRSET\r\n"
	    "VRFY bob\r\nHELP NOOP\r\nQUIT\r\n"),
	  S("503 5.5.1 Send EHLO or HELO first\r\n"
	    "503 5.5.1 Send EHLO or HELO first\r\n"
	    "503 5.5.1 Send EHLO or HELO first\r\n"
	    "250 2.0.0 OK\r\n250 2.0.0 OK\r\n"
	    "250 2.1.5 <bob@example.test>\r\n"
	    "214 2.0.0 NOOP [anything]\r\n221 2.0.0 Bye\r\n"), CLOSES },
	/* Sequence. */
	{ S(HELLO "RCPT TO:<alice@example.test>\r\nDATA\r\n" MAIL MAIL "DATA\r\n"
	    "RCPT TO:<eve@example.test>\r\nDATA\r\nRSET\r\nDATA\r\n"),
	  S(HELLO_REPLY "503 5.5.1 Send MAIL first\r\n"
	    "503 5.5.1 Send MAIL first\r\n" OK_MAIL
	    "503 5.5.1 Nested MAIL: send RSET first\r\n"
	    "503 5.5.1 Send RCPT first\r\n550 5.1.1 No such mailbox\r\n"
	    "554 5.5.1 No valid recipients\r\n250 2.0.0 OK\r\n"
	    "503 5.5.1 Send MAIL first\r\n"), STAYS },
	{ S(HELLO MAIL HELLO "RCPT TO:<bob@example.test>\r\n" MAIL),
	  S(HELLO_REPLY OK_MAIL HELLO_REPLY "503 5.5.1 Send MAIL first\r\n"
	    OK_MAIL), STAYS },
	/* A message ends its transaction. */
	{ S(HELLO MAIL "RCPT TO:<bob@example.test>\r\nDATA\r\n.\r\nDATA\r\n"),
	  S(HELLO_REPLY OK_MAIL OK_RCPT GO QUEUED
	    "503 5.5.1 Send MAIL first\r\n"), STAYS },
	/* Recipients. */
	{ S(HELLO MAIL "RCPT TO:<postmaster>\r\nRCPT TO:<PostMaster@EXAMPLE.test>"
	    "\r\nRCPT TO:<alice+x+y@example.test>\r\n"
	    "RCPT TO:<\"ali\\ce\"@example.test>\r\nRCPT TO:<@x.test:bob@example.test>"
	    "\r\nRCPT TO:<alicex@example.test>\r\nRCPT TO:<ali@example.test>\r\n"
	    "RCPT TO:<+alice@example.test>\r\n"
	    "RCPT TO:<alice@example.net>\r\nRCPT TO:<alice@sub.example.test>\r\n"
	    "RCPT TO:<alice@[127.0.0.1]>\r\nRCPT TO:<postmaster@b.test>\r\n"),
	  S(HELLO_REPLY OK_MAIL OK_RCPT OK_RCPT OK_RCPT OK_RCPT OK_RCPT
	    "550 5.1.1 No such mailbox\r\n550 5.1.1 No such mailbox\r\n"
	    "550 5.1.1 No such mailbox\r\n"
	    "550 5.7.1 Relaying is not permitted\r\n"
	    "550 5.7.1 Relaying is not permitted\r\n"
	    "550 5.7.1 Relaying is not permitted\r\n"
	    "550 5.7.1 Relaying is not permitted\r\n"), STAYS },
	/* Replies on request. */
	{ S(HELLO MAIL "RCPT TO:<reply-451@example.test>\r\n"
	    "RCPT TO:<reply-451-4.7.1@example.test>\r\n"
	    "RCPT TO:<Reply-599-5.123.456@example.test>\r\n"
	    "RCPT TO:<reply-354@example.test>\r\nDATA\r\n"
	    "RCPT TO:<reply-251@example.test>\r\nDATA\r\n.\r\n"),
	  S(HELLO_REPLY OK_MAIL "451 4.0.0 As this recipient asks\r\n"
	    "451 4.7.1 As this recipient asks\r\n"
	    "599 5.123.456 As this recipient asks\r\n"
	    "354 As this recipient asks\r\n554 5.5.1 No valid recipients\r\n"
	    "251 2.1.5 As this recipient asks\r\n" GO QUEUED), STAYS },
	{ S(HELLO MAIL "RCPT TO:<reply-199@example.test>\r\n"
	    "RCPT TO:<reply-600@example.test>\r\nRCPT TO:<reply-@example.test>\r\n"
	    "RCPT TO:<reply-45@example.test>\r\nRCPT TO:<reply-4511@example.test>"
	    "\r\nRCPT TO:<reply-451-@example.test>\r\n"
	    "RCPT TO:<reply-451-3.1.1@example.test>\r\n"
	    "RCPT TO:<reply-451-4.1@example.test>\r\n"
	    "RCPT TO:<reply-451-4.1.1111@example.test>\r\n"
	    "RCPT TO:<\"reply-451-4.1.1\r\n"
	    "RCPT TO:<reply-451@example.net>\r\n"),
	  S(HELLO_REPLY OK_MAIL
	    "550 5.1.1 No such mailbox\r\n550 5.1.1 No such mailbox\r\n"
	    "550 5.1.1 No such mailbox\r\n550 5.1.1 No such mailbox\r\n"
	    "550 5.1.1 No such mailbox\r\n550 5.1.1 No such mailbox\r\n"
	    "550 5.1.1 No such mailbox\r\n550 5.1.1 No such mailbox\r\n"
	    "550 5.1.1 No such mailbox\r\n"
	    "501 5.1.3 Bad recipient address syntax\r\n"
	    "550 5.7.1 Relaying is not permitted\r\n"), STAYS },
	{ S(HELLO MAIL "RCPT TO:<reply-421-4.3.2@example.test>\r\nQUIT\r\n"),
	  S(HELLO_REPLY OK_MAIL "421 4.3.2 As this recipient asks\r\n"), CLOSES },
	/* Syntax of MAIL and RCPT. */
	{ S(HELLO "MAIL\r\nMAIL FROM\r\nMAIL FROM:\r\nMAIL FROM:a@b\r\n"
	    "MAIL TO:<a@b>\r\nMAIL FROM:<a>\r\nMAIL FROM:<a@b>x\r\n"
	    "MAIL FROM:<a@b> X=1\r\nMAIL FROM:<a@b> SIZE=x\r\n"
	    "MAIL FROM:<a@b> SIZE=1001\r\nMAIL FROM:<\xc3\xbc@b>\r\n"
	    "MAIL FROM: <a@b> SIZE=1000 BODY=8BITMIME RET=HDRS ENVID=a+2B\r\n"),
	  S(HELLO_REPLY "501 5.5.4 Syntax: MAIL FROM:<address> [SIZE= BODY= "
	    "SMTPUTF8 RET= ENVID= BY= HOLDFOR= HOLDUNTIL= MT-PRIORITY= "
	    "AUTH=]\r\n"
	    "501 5.5.4 Syntax: MAIL FROM:<address>\r\n"
	    "501 5.5.4 Syntax: MAIL FROM:<address>\r\n"
	    "501 5.5.4 Syntax: MAIL FROM:<address>\r\n"
	    "501 5.5.4 Syntax: MAIL FROM:<address>\r\n"
	    "501 5.1.7 Bad sender address syntax\r\n"
	    "501 5.1.7 Bad sender address syntax\r\n"
	    "555 5.5.4 Parameter not recognized\r\n"
	    "501 5.5.4 SIZE wants a number\r\n"
	    "552 5.3.4 Message size above the limit\r\n"
	    "553 5.6.7 This sender needs SMTPUTF8\r\n" OK_MAIL), STAYS },
	{ S(HELLO "MAIL FROM:<\xc3\xbc@b> SMTPUTF8\r\nRCPT TO:<\xc3\xbc@b>\r\n"
	    "RCPT TO:<alice@example.test> NOTIFY=DELAY ORCPT=utf-8;\xc3\xbc\r\n"
	    "RSET\r\n" MAIL "RCPT TO:<\xc3\xbc@b>\r\nRCPT TO:<>\r\n"
	    "RCPT TO:bob@example.test\r\nRCPT TO:<bob@example.test> NOTIFY=X\r\n"
	    "RCPT TO:<bob@example.test> SIZE=1\r\n"
	    "RCPT TO:  <bob@example.test>  \r\n"),
	  S(HELLO_REPLY OK_MAIL "550 5.7.1 Relaying is not permitted\r\n" OK_RCPT
	    "250 2.0.0 OK\r\n" OK_MAIL
	    "553 5.6.7 This recipient needs SMTPUTF8\r\n"
	    "501 5.1.3 Bad recipient address syntax\r\n"
	    "501 5.5.4 Syntax: RCPT TO:<address>\r\n"
	    "501 5.5.4 NOTIFY is NEVER or of SUCCESS,FAILURE,DELAY\r\n"
	    "555 5.5.4 Parameter not recognized\r\n" OK_RCPT), STAYS },
	/* Commands that are none, or not here. */
	{ S("\r\nFOO\r\n NOOP\r\nNOOPX\r\nNO\r\nDATA x\r\nSEND x\r\nSTARTTLS\r\n"
	    "AUTH PLAIN\r\nTURN\r\nRSET x\r\nQUIT x\r\nHELP FOO\r\n"
	    "VRFY\r\n"),
	  S("500 5.5.2 Empty line\r\n500 5.5.1 Command not recognized\r\n"
	    "500 5.5.1 Command not recognized\r\n"
	    "500 5.5.1 Command not recognized\r\n"
	    "500 5.5.1 Command not recognized\r\n"
	    "503 5.5.1 Send EHLO or HELO first\r\n"
	    "502 5.5.1 Command not implemented\r\n"
	    "502 5.5.1 Command not implemented\r\n"
	    "502 5.5.1 Command not implemented\r\n"
	    "502 5.5.1 Command not implemented\r\n"
	    "501 5.5.4 Syntax: RSET\r\n501 5.5.4 Syntax: QUIT\r\n"
	    "504 5.5.4 No help on that\r\n501 5.5.4 Syntax: VRFY mailbox\r\n"),
	  STAYS },
	{ S("HELP\r\nhelp rcpt\r\nHELP TURN\r\n"),
	  S("214 2.0.0 MAIL RCPT DATA EHLO HELO RSET NOOP QUIT VRFY HELP BDAT "
	    "EXPN ETRN XCLIENT XFORWARD\r\n"
	    "214 2.0.0 RCPT TO:<address> [NOTIFY= ORCPT=]\r\n"
	    "504 5.5.4 No help on that\r\n"), STAYS },
	{ S("VRFY <alice@example.test>\r\nVRFY postmaster+x SMTPUTF8\r\n"
	    "VRFY eve\r\nVRFY a@b.test\r\nVRFY reply-250@example.test\r\n"
	    "VRFY @\r\nVRFY <>\r\n"),
	  S("250 2.1.5 <alice@example.test>\r\n"
	    "250 2.1.5 <postmaster@example.test>\r\n"
	    "550 5.1.1 No such mailbox\r\n550 5.7.1 Relaying is not permitted\r\n"
	    "252 2.5.2 Cannot verify, try RCPT\r\n"
	    "501 5.1.3 Bad address syntax\r\n501 5.1.3 Bad address syntax\r\n"),
	  STAYS },
	/* BDAT. */
	{ S(HELLO MAIL TO_BOB "BDAT 3\r\na\r\nbdat 0\r\nBDAT 5 last\r\n"
	    ".\r\n.\nBDAT 1 LAST\r\nxNOOP\r\n"),
	  S(HELLO_REPLY OK_MAIL OK_RCPT "250 2.0.0 3 octets so far\r\n"
	    "250 2.0.0 3 octets so far\r\n" QUEUED
	    "503 5.5.1 Send MAIL first\r\n250 2.0.0 OK\r\n"), STAYS },
	{ S(HELLO MAIL TO_BOB "BDAT 0 LAST\r\nNOOP\r\n"),
	  S(HELLO_REPLY OK_MAIL OK_RCPT QUEUED "250 2.0.0 OK\r\n"), STAYS },
	/* The size is wrong: too small, then too large. */
	{ S(HELLO MAIL TO_BOB "BDAT 2\r\nNOOPNOOP\r\nBDAT 9\r\nNOOP\r\n"
	    "QU\nRSET\r\n"),
	  S(HELLO_REPLY OK_MAIL OK_RCPT "250 2.0.0 2 octets so far\r\n"
	    "500 5.5.1 Command not recognized\r\n"
	    "250 2.0.0 11 octets so far\r\n250 2.0.0 OK\r\n"), STAYS },
	/* A refused chunk is read all the same. */
	{ S("BDAT 6\r\nQUIT\r\n" HELLO "BDAT 6 LAST\r\nQUIT\r\n" MAIL
	    "BDAT 6\r\nQUIT\r\nRCPT TO:<eve@example.test>\r\n"
	    "BDAT 6\r\nQUIT\r\n" TO_BOB "BDAT 6 LAST\r\nQUIT\r\n"),
	  S("503 5.5.1 Send EHLO first\r\n" HELLO_REPLY
	    "503 5.5.1 Send MAIL first\r\n" OK_MAIL
	    "503 5.5.1 Send RCPT first\r\n550 5.1.1 No such mailbox\r\n"
	    "554 5.5.1 No valid recipients\r\n" OK_RCPT QUEUED), STAYS },
	/* A message that lost a chunk has failed, up to the last one or RSET. */
	{ S(HELLO MAIL TO_BOB "BDAT 1000\r\n" X1000 "BDAT 6\r\nQUIT\r\n"
	    "BDAT 6\r\nQUIT\r\n" MAIL TO_BOB "DATA\r\nETRN a.test\r\nNOOP\r\n"
	    "BDAT 6 LAST\r\nQUIT\r\n" MAIL TO_BOB "BDAT 0 LAST\r\n"),
	  S(HELLO_REPLY OK_MAIL OK_RCPT "250 2.0.0 1000 octets so far\r\n"
	    TOO_BIG TORN TORN_FIRST TORN_FIRST TORN_FIRST TORN_FIRST
	    "250 2.0.0 OK\r\n" TORN OK_MAIL OK_RCPT QUEUED), STAYS },
	{ S(HELLO MAIL TO_BOB "BDAT 1000\r\n" X1000 "BDAT 1\r\nxBDAT 1\r\nx"
	    "RSET\r\n" MAIL TO_BOB "BDAT 1000\r\n" X1000 "BDAT 1\r\nx" HELLO
	    MAIL TO_BOB "BDAT 1000\r\n" X1000 "BDAT 1 LAST\r\nx" MAIL),
	  S(HELLO_REPLY OK_MAIL OK_RCPT "250 2.0.0 1000 octets so far\r\n"
	    TOO_BIG TORN "250 2.0.0 OK\r\n" OK_MAIL OK_RCPT
	    "250 2.0.0 1000 octets so far\r\n" TOO_BIG HELLO_REPLY OK_MAIL
	    OK_RCPT "250 2.0.0 1000 octets so far\r\n" TOO_BIG OK_MAIL),
	  STAYS },
	{ S(HELLO MAIL TO_BOB "BDAT\r\nBDAT x\r\nBDAT -1\r\nBDAT 1 LASTS\r\n"
	    "BDAT 1 LAST LAST\r\nBDAT LAST\r\n"
	    "BDAT 99999999999999999999\r\n"),
	  S(HELLO_REPLY OK_MAIL OK_RCPT BAD_BDAT BAD_BDAT BAD_BDAT BAD_BDAT
	    BAD_BDAT BAD_BDAT BAD_BDAT), STAYS },
	/* Nothing but BDAT goes on with it, and DATA takes nothing binary. */
	{ S(HELLO MAIL TO_BOB "BDAT 1\r\nxDATA\r\n" TO_BOB MAIL
	    "VRFY bob\r\nBDAT 1 LAST\r\nx"),
	  S(HELLO_REPLY OK_MAIL OK_RCPT "250 2.0.0 1 octets so far\r\n"
	    "503 5.5.1 The message goes on with BDAT\r\n"
	    "503 5.5.1 The message has begun\r\n"
	    "503 5.5.1 Nested MAIL: send RSET first\r\n"
	    "250 2.1.5 <bob@example.test>\r\n" QUEUED), STAYS },
	{ S(HELLO "MAIL FROM:<> BODY=BINARYMIME\r\n" TO_BOB "DATA\r\n"
	    "BDAT 3 LAST\r\n\0\r\nRSET\r\n" MAIL TO_BOB "DATA\r\n.\r\n"),
	  S(HELLO_REPLY OK_MAIL OK_RCPT "503 5.5.1 BINARYMIME needs BDAT\r\n"
	    QUEUED "250 2.0.0 OK\r\n" OK_MAIL OK_RCPT GO
	    "250 2.0.0 queued as CD1TQR5QSVDW\r\n"), STAYS },
	/* Lists and queues. */
	{ S(HELLO "EXPN team\r\nEXPN Team@example.TEST\r\nEXPN bob\r\n"
	    "EXPN team@b.test\r\nEXPN\r\nETRN example.test\r\nETRN b.test\r\n"
	    "ETRN @example.test\r\nETRN a..b\r\nETRN @\r\nETRN\r\n"),
	  S(HELLO_REPLY TEAM TEAM "550 5.1.1 No such list\r\n"
	    "550 5.1.1 No such list\r\n501 5.5.4 Syntax: EXPN list\r\n"
	    "251 2.0.0 No messages wait for node example.test\r\n"
	    "459 4.7.1 No queue for this node\r\n"
	    "459 4.7.1 No queue for this node\r\n"
	    "501 5.5.4 Syntax: ETRN domain\r\n"
	    "501 5.5.4 Syntax: ETRN domain\r\n"
	    "501 5.5.4 Syntax: ETRN domain\r\n"), STAYS },
	/* Line ends and octets. */
	{ S("NOOP\nNOOP\r\r\nNO\rOP\r\nNOOP \0\r\n\0\r\nNOOP \xff\r\nRSET  \r\n\n"),
	  S("250 2.0.0 OK\r\n250 2.0.0 OK\r\n500 5.5.1 Command not recognized\r\n"
	    "500 5.5.2 NUL in a command\r\n500 5.5.2 NUL in a command\r\n"
	    "250 2.0.0 OK\r\n250 2.0.0 OK\r\n500 5.5.2 Empty line\r\n"), STAYS },
	/* Smuggling: one message, whatever stands in it. */
	{ S(HELLO MAIL "RCPT TO:<bob@example.test>\r\nDATA\r\n"
	    "a\n.\nQUIT\n.\r\nQUIT\r\n.\nQUIT\r\nb\r.\rQUIT\r.\r\nQUIT\r\n.\rQUIT\r\n"
	    "\0.\r\n.\r\nNOOP\r\n"),
	  S(HELLO_REPLY OK_MAIL OK_RCPT GO QUEUED "250 2.0.0 OK\r\n"), STAYS },
};

#define LHLO "LHLO a.test\r\n"
#define TO_ALICE "RCPT TO:<alice@example.test>\r\n"
#define TO_BOB "RCPT TO:<bob@example.test>\r\n"
#define TO_FULL "RCPT TO:<after-452-4.2.2@example.test>\r\n"
#define KEPT(who) "250 2.0.0 <" who "@example.test> queued as 000000000000\r\n"

/* As an LMTP server. */
static const struct row lmtp_rows[] = {
	{ S("EHLO a\r\nHELO a\r\nMAIL FROM:<>\r\nLHLO\r\nHELP\r\nHELP EHLO\r\n"),
	  S("500 5.5.1 This is LMTP: say LHLO\r\n"
	    "500 5.5.1 This is LMTP: say LHLO\r\n503 5.5.1 Send LHLO first\r\n"
	    "501 Want a domain or an address literal\r\n"
	    "214 2.0.0 MAIL RCPT DATA LHLO RSET NOOP QUIT VRFY HELP "
	    "BDAT EXPN ETRN XCLIENT XFORWARD\r\n504 5.5.4 No help on that\r\n"), STAYS },
	/* One reply for each, in order, duplicates too. */
	{ S(LHLO MAIL TO_BOB TO_FULL "RCPT TO:<eve@example.test>\r\n" TO_BOB
	    TO_ALICE "DATA\r\nx\r\n.\r\nDATA\r\nQUIT\r\n"),
	  S(HELLO_REPLY OK_MAIL OK_RCPT OK_RCPT "550 5.1.1 No such mailbox\r\n"
	    OK_RCPT OK_RCPT GO KEPT("bob")
	    "452 4.2.2 <after-452-4.2.2@example.test> asked for this\r\n"
	    KEPT("bob") KEPT("alice") "503 5.5.1 Send MAIL first\r\n"
	    "221 2.0.0 Bye\r\n"), CLOSES },
	/* The next transaction has its own. */
	{ S(LHLO MAIL TO_BOB "RSET\r\n" MAIL TO_ALICE "DATA\r\n.\r\n"),
	  S(HELLO_REPLY OK_MAIL OK_RCPT "250 2.0.0 OK\r\n" OK_MAIL OK_RCPT GO
	    KEPT("alice")), STAYS },
	/* RFC 2033 4.2: 503, and not 554. */
	{ S(LHLO MAIL "DATA\r\nRCPT TO:<eve@example.test>\r\nDATA\r\n"),
	  S(HELLO_REPLY OK_MAIL "503 5.5.1 Send RCPT first\r\n"
	    "550 5.1.1 No such mailbox\r\n503 5.5.1 No valid recipients\r\n"),
	  STAYS },
	/* All of them asked, with and without an enhanced code. */
	{ S(LHLO MAIL "RCPT TO:<after-550@example.test>\r\n"
	    "RCPT TO:<After-250@example.test>\r\n"
	    "RCPT TO:<after-354@example.test>\r\n"
	    "RCPT TO:<after-600@example.test>\r\n"
	    "RCPT TO:<after-550@example.net>\r\nDATA\r\n.\r\n"),
	  S(HELLO_REPLY OK_MAIL OK_RCPT OK_RCPT OK_RCPT
	    "550 5.1.1 No such mailbox\r\n"
	    "550 5.7.1 Relaying is not permitted\r\n" GO
	    "550 5.0.0 <after-550@example.test> asked for this\r\n"
	    "250 2.0.0 <After-250@example.test> asked for this\r\n"
	    "354 <after-354@example.test> asked for this\r\n"), STAYS },
	/* 421 is the last word, whoever else waits. */
	{ S(LHLO MAIL TO_BOB "RCPT TO:<after-421@example.test>\r\n" TO_BOB
	    "DATA\r\n.\r\nNOOP\r\n"),
	  S(HELLO_REPLY OK_MAIL OK_RCPT OK_RCPT OK_RCPT GO KEPT("bob")
	    "421 4.0.0 <after-421@example.test> asked for this\r\n"), CLOSES },
	/* What refuses the message refuses it for everyone. */
	{ S(LHLO MAIL TO_BOB TO_FULL "DATA\r\n" X100 X100 X100 X100 X100 X100
	    X100 X100 X100 X100 ".\r\n"),
	  S(HELLO_REPLY OK_MAIL OK_RCPT OK_RCPT GO
	    "552 5.3.4 Message size above the limit\r\n"
	    "552 5.3.4 Message size above the limit\r\n"), STAYS },
};

/* Of both kinds of server. */
static const struct row more_rows[] = {
	{ S("LHLO a\r\n"), S("500 5.5.1 Command not recognized\r\n"), STAYS },
	{ S(HELLO MAIL TO_ALICE TO_FULL "DATA\r\n.\r\nVRFY after-250\r\n"),
	  S(HELLO_REPLY OK_MAIL OK_RCPT OK_RCPT GO
	    "452 4.2.2 <after-452-4.2.2@example.test> asked for this\r\n"
	    "252 2.5.2 Cannot verify, try RCPT\r\n"), STAYS },
	{ S("XCLIENT ADDR=192.0.2.1 PORT=25 NAME=a.test PROTO=ESMTP HELO=b "
	    "LOGIN=[UNAVAILABLE] DESTADDR=IPV6:::1 DESTPORT=2525\r\n"
	    "MAIL FROM:<>\r\n" HELLO MAIL "XCLIENT NAME=x\r\n"
	    "XFORWARD NAME=x\r\nRSET\r\nXFORWARD ADDR=192.0.2.1 IDENT=1 "
	    "SOURCE=REMOTE\r\nXCLIENT NAME=a+2Bb\r\nMAIL FROM:<>\r\n"),
	  S("220 embedded.quoth.test ESMTP quoth\r\n"
	    "503 5.5.1 Send EHLO or HELO first\r\n" HELLO_REPLY OK_MAIL
	    "503 5.5.1 A transaction is under way\r\n"
	    "503 5.5.1 Nested MAIL: send RSET first\r\n250 2.0.0 OK\r\n"
	    "250 2.0.0 OK\r\n220 embedded.quoth.test ESMTP quoth\r\n"
	    "503 5.5.1 Send EHLO or HELO first\r\n"), STAYS },
	{ S("XCLIENT\r\nXCLIENT NAME\r\nXCLIENT IDENT=x\r\nXCLIENT NAME=\r\n"
	    "XCLIENT ADDR=x\r\nXCLIENT ADDR=::1\r\nXCLIENT ADDR=IPV6:x\r\n"
	    "XCLIENT PORT=65536\r\nXCLIENT PROTO=FTP\r\nXCLIENT NAME=a+2\r\n"
	    "XCLIENT NAME=a+00\r\nXCLIENT NAME=a=b\r\nXFORWARD NAME=a\r\n"
	    HELLO "XFORWARD LOGIN=a\r\nXFORWARD SOURCE=x\r\n"),
	  S("501 5.5.4 Syntax: XCLIENT name=value ...\r\n"
	    NO_ATTRIBUTE NO_ATTRIBUTE BAD_VALUE BAD_VALUE BAD_VALUE BAD_VALUE
	    BAD_VALUE BAD_VALUE BAD_VALUE BAD_VALUE BAD_VALUE
	    "503 5.5.1 Send EHLO or HELO first\r\n" HELLO_REPLY NO_ATTRIBUTE
	    BAD_VALUE), STAYS },
};

static void
check(const struct row *row, size_t size, bool lmtp)
{
	const struct serve_options options = { .size_max = 1000,
		.lmtp = lmtp };
	struct serve_talk talk;
	struct span       out;

	serve_talk_begin(&talk, &options);
	assert_true(span_is(buf_span(&talk.out), lmtp ?
	    "220 embedded.quoth.test LMTP quoth\r\n" :
	    "220 embedded.quoth.test ESMTP quoth\r\n"));
	out = serve_talk_say(&talk, row->in, size);
	if (!span_eq(out, row->out))
		fail_msg("pieces of %zu\n%.*s\nwanted\n%.*s\nfor\n%.*s", size,
		    SPAN_ARG(out), SPAN_ARG(row->out), SPAN_ARG(row->in));
	assert_int_equal(talk.next, row->closes ? SERVICE_CLOSE : SERVICE_GO_ON);
	serve_talk_end(&talk);
}

static void
answers_whole_dialogues(void **state)
{
	static const struct {
		const struct row *rows;
		size_t            count;
		bool              lmtp;
	} tables[] = {
		{ rows, sizeof rows / sizeof rows[0], false },
		{ more_rows, sizeof more_rows / sizeof more_rows[0], false },
		{ lmtp_rows, sizeof lmtp_rows / sizeof lmtp_rows[0], true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		for (size_t j = 0; j < tables[i].count; j++) {
			const struct row *row = &tables[i].rows[j];

			check(row, row->in.len, tables[i].lmtp);
			check(row, 1, tables[i].lmtp);
			check(row, 7, tables[i].lmtp);
		}
}

static void
says_farewell(void **state)
{
	const struct serve_options options = { .host_name = "mx.test" };
	struct serve_talk talk;

	(void)state;
	serve_talk_begin(&talk, &options);
	assert_true(span_is(buf_span(&talk.out), "220 mx.test ESMTP quoth\r\n"));
	buf_clear(&talk.out);
	assert_int_equal(talk.service->idle(talk.service, talk.client,
	    &talk.out), SERVICE_CLOSE);
	assert_true(span_is(buf_span(&talk.out),
	    "421 4.4.2 mx.test Nothing came for too long\r\n"));
	buf_clear(&talk.out);
	talk.service->crowded(talk.service, &talk.out);
	assert_true(span_is(buf_span(&talk.out),
	    "421 4.3.2 mx.test Too many clients\r\n"));
	serve_talk_end(&talk);
}

static void
refuses_bad_options(void **state)
{
	static const struct serve_options bad[] = {
		{ .host_name = "" }, { .host_name = "a b" },
		{ .host_name = "a\r\nb" }, { .host_name = "a." },
		{ .size_max = UINT32_MAX }, { .maildir = "" },
		{ .maildir = "/nowhere/at/all" }, { .maildir = "/dev/null" },
	};
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		fault.text[0] = '\0';
		assert_null(serve_new(&bad[i], &fault));
		assert_true(fault.text[0] != '\0');
	}
	serve_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_whole_dialogues),
		cmocka_unit_test(says_farewell),
		cmocka_unit_test(refuses_bad_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
