/*
 * The small words of the format: keys of inner maps, built-in names, types,
 * filters, what fails a step, and the diagnostics of `quoth check`. What has
 * a table of its own elsewhere is told from there.
 */
#include "cmd/explain.h"

#include "model/diag.h"
#include "model/filter.h"
#include "model/match.h"
#include "model/param_type.h"

#include <stdio.h>

static const struct {
	const char *word, *kind, *syntax, *about;
} words[] = {
	{ "type", "key of a parameter", "type: int",
	    "string (the default), int, bool, duration, bytes, endpoint, host, ip, email, path, enum or list." },
	{ "default", "key of a parameter", "default: VALUE",
	    "Its value where none is given; of a secret one that everybody knows." },
	{ "required", "key of a parameter", "required: true",
	    "It has no default: a value must be given." },
	{ "env", "key of a parameter", "env: NAME",
	    "The environment variable that holds the value." },
	{ "choices", "key of a parameter", "choices: [plain, secure]",
	    "The only values that it takes." },
	{ "min", "key of a parameter", "min: 1",
	    "The smallest number, size or duration." },
	{ "max", "key of a parameter", "max: 100",
	    "The largest number, size or duration." },
	{ "pattern", "key of a parameter", "pattern: /regex/",
	    "What the value must match." },
	{ "times", "key of retry and loop", "times: 5",
	    "How often: more attempts, or rounds." },
	{ "as", "key of loop", "as: i",
	    "The variable that counts the rounds, from 1." },
	{ "every", "key of retry, eventually and write", "every: 2s",
	    "The pause between two attempts, rounds or chunks." },
	{ "because", "key of xfail", "because: TEXT",
	    "Why it is expected to fail; reports show it." },
	{ "expires", "key of xfail", "expires: 2027-01-31",
	    "The day after which a failure is red again." },
	{ "to", "key of connect", "connect: { to: smtp://host:25 }",
	    "Where to connect." },
	{ "from", "key of connect", "connect: { from: 127.0.0.2 }",
	    "The address to connect from." },
	{ "proxy", "key of connect", "connect: { proxy: 2 } or { version, from, to, local }",
	    "Begins with a header of the PROXY protocol, version 1 or 2; none: without one." },
	{ "version", "key of proxy", "proxy: { version: 2 }",
	    "The version of the header: 1, a line, or 2, octets." },
	{ "local", "key of proxy", "proxy: { version: 2, local: true }",
	    "The connection is nobody's: LOCAL, or UNKNOWN in version 1." },
	{ "mx", "a target", "-t mx://domain[:port][?resolver=ADDRESS:PORT]",
	    "The mail hosts of a domain, in the order of their preferences, until one takes a connection; --each-mx: every one of them." },
	{ "mechanism", "key of auth", "auth: { mechanism: SCRAM-SHA-256, ... }",
	    "How to sign in, in any case of letters; what it needs is checked while loading." },
	{ "user", "key of auth", "user: TEXT",
	    "Who signs in." },
	{ "password", "key of auth", "password: ${password}",
	    "Never shown, whatever it comes from; best a secret parameter." },
	{ "token", "key of auth", "token: ${token}",
	    "The bearer token of XOAUTH2 and OAUTHBEARER, the trace of ANONYMOUS. Never shown." },
	{ "authzid", "key of auth", "authzid: TEXT",
	    "For whom to act, where that is another one than who signs in." },
	{ "initial", "key of auth", "initial: false",
	    "Withholds the initial response, or (true) sends it also where the command gets longer than 512 octets, and the user of LOGIN." },
	{ "half", "key of close", "close: { half: true }",
	    "Closes our side only: the server may go on speaking." },
	{ "chunks", "key of write", "write: { text: ..., chunks: [5, 1] }",
	    "How many octets go into each write; the rest goes into the last one." },
	{ "file", "key of write, body, bdat and attach", "body: { file: message.eml }",
	    "Octets of a file below the scenario's folder, read while loading." },
	{ "headers", "key of body and bdat", "body: { headers: { Subject: x } }",
	    "Header fields, before the text: folded, and encoded words where they are "
	    "not ASCII. A list of maps may repeat a name." },
	{ "date", "key of body and bdat", "body: { date: true, text: ... }",
	    "Adds the field Date with the time of now." },
	{ "message_id", "key of body and bdat", "body: { message_id: true, text: ... }",
	    "Adds the field Message-ID; the same for the same --seed." },
	{ "attach", "key of body and bdat", "body: { attach: [{ file: a.pdf }] }",
	    "Attachments: the message becomes a multipart/mixed, the text its first "
	    "part." },
	{ "data", "key of attach", "attach: [{ data: TEXT, name: a.txt }]",
	    "The octets of an attachment, in place of a file." },
	{ "encoding", "key of attach", "attach: [{ file: a.txt, encoding: 8bit }]",
	    "base64 (the default), 8bit (lines as they are) or binary (octets as they "
	    "are)." },
	{ "base64", "word of encoding", "encoding: base64",
	    "The default: 76 columns of base64." },
	{ "8bit", "word of encoding", "encoding: 8bit",
	    "Lines with CRLF, octets above 127 as they are." },
	{ "binary", "word of encoding", "encoding: binary",
	    "Every octet as it is; needs BDAT and BINARYMIME." },
	{ "utf8", "key of body and bdat", "body: { headers: { ... }, utf8: true }",
	    "Header fields keep UTF-8 and are not encoded: for SMTPUTF8." },
	{ "chunk", "key of bdat", "bdat: { text: ..., chunk: 4KiB }",
	    "Octets of a chunk; the rest is the last one. Default: all in one." },
	{ "last", "key of bdat", "bdat: { text: ..., last: false }",
	    "false: no chunk says LAST, and the message goes on." },
	{ "declare", "key of bdat", "bdat: { text: ..., declare: 99 }",
	    "The size that BDAT says in place of the true one." },
	{ "size", "key of body and bdat", "body: { size: 1MiB }",
	    "Fills the message up to so many octets, headers and line ends included." },
	{ "raw", "key of body and bdat", "body: { text: ..., raw: true }",
	    "Lines go out as they are: no dot is doubled, no header folded or encoded." },
	{ "dot", "key of body", "body: { text: ..., dot: false }",
	    "Leaves the closing dot out; then no reply is awaited." },
	{ "count", "key of lines", "lines: { count: 3 }",
	    "How many lines the reply has." },
	{ "has", "key of lines", "lines: { has: [TEXT, /regex/] }",
	    "Each of these is found in some line." },
	{ "must", "word of level", "level: must",
	    "The default: a failure fails the scenario." },
	{ "should", "word of level", "level: should",
	    "A failure is a warning, and the dialogue goes on." },
	{ "stop", "word of on_fail", "on_fail: stop",
	    "The default: after a failure the remaining steps are not run." },
	{ "continue", "word of on_fail", "on_fail: continue",
	    "The dialogue goes on after a failure, unless nothing could be judged any more." },
	{ "embedded", "a target", "-t embedded",
	    "The server inside of quoth, on a free port. It knows alice, bob and postmaster at example.test; reply-451@example.test is answered with that code, a message to after-451@example.test as well. It speaks SMTP or LMTP, as the scenario does." },
	{ "main", "a connection", "on: main",
	    "The connection of every step without `on`." },
	{ "client", "a built-in name", "${client}",
	    "The name to say in EHLO: --client, else tester.example." },
	{ "uuid", "a built-in name", "${uuid}",
	    "A new UUID at each use; one for the scenario in `vars`." },
	{ "date", "a built-in name", "${date}",
	    "Now, as a Date: header has it (RFC 5322 3.3)." },
	{ "timestamp", "a built-in name", "${timestamp}",
	    "Seconds since 1970." },
	{ "seed", "a built-in name", "${seed}",
	    "The number that --seed gives; reports name it." },
	{ "random", "a built-in name", "${random}",
	    "A new number at each use; the same again with the same --seed." },
	{ "scenario", "a built-in name", "${scenario}",
	    "The scenario's name." },
	{ "row", "a built-in name", "${row}",
	    "The row of `each`, as the reported name shows it." },
	{ "attempt", "a built-in name", "${attempt}",
	    "1, and one more each time that `retry` runs the scenario again." },
	{ "target.host", "a built-in name", "${target.host}",
	    "The target's host." },
	{ "target.port", "a built-in name", "${target.port}",
	    "The target's port." },
	{ "reply.code", "a built-in name", "${reply.code}",
	    "The code of the last reply." },
	{ "reply.enhanced", "a built-in name", "${reply.enhanced}",
	    "The enhanced code of the last reply, or nothing." },
	{ "reply.text", "a built-in name", "${reply.text}",
	    "The lines of the last reply without their codes." },
	{ "match", "a cause in reports", NULL,
	    "The code was right; another key of the expectation was not." },
	{ "flaw", "a cause in reports", NULL,
	    "The reply was malformed. `quoth explain` knows each flaw." },
	{ "early", "a cause in reports", NULL,
	    "The reply came sooner than `after`." },
	{ "late", "a cause in reports", NULL,
	    "The reply came later than `within`." },
	{ "noise", "a cause in reports", NULL,
	    "Octets came that no step asked for." },
	{ "plan", "a cause in reports", NULL,
	    "The act could not be made: a variable held a line break, or was too long." },
	{ "limit", "a cause in reports", NULL,
	    "A limit of quoth's own was reached; the message names it." },
	{ "source", "a cause in reports", NULL,
	    "The steps could not be had: the scenario does not load." },
	{ "cancel", "a cause in reports", NULL,
	    "The run ended before the scenario did: a signal, --timeout or --fail-fast." },
};
enum { WORDS = sizeof words / sizeof words[0] };

bool
explain_small(struct span word, struct buf *out)
{
	bool any = false;

	for (size_t i = 0; i < WORDS; i++) {
		if (!span_is(word, words[i].word))
			continue;
		explain_head(out, word, words[i].kind);
		if (words[i].syntax != NULL)
			explain_part(out, "syntax", words[i].syntax);
		explain_part(out, "does", words[i].about);
		any = true;
	}
	return any;
}

const char *
explain_small_name(size_t at)
{
	return at < WORDS ? words[at].word : NULL;
}

/* "550..554": each known code of it. */
bool
explain_range(struct span word, struct buf *out)
{
	uint64_t low, high;
	bool     any = false;

	if (word.len != 8 || !span_eq(span_sub(word, 3, 2), SPAN("..")) ||
	    !span_u64(span_sub(word, 0, 3), &low) ||
	    !span_u64(span_sub(word, 5, 3), &high))
		return false;
	for (; low <= high; low++) {
		char code[24];

		(void)snprintf(code, sizeof code, "%03llu",
		    (unsigned long long)low);
		any |= explain_code(span_of(code), out);
	}
	return any;
}

bool
explain_filter(struct span word, struct buf *out)
{
	const struct filter *filter = filter_find(word);
	char syntax[64];

	if (filter == NULL)
		return false;
	(void)snprintf(syntax, sizeof syntax, "${name|%s%s}", filter->name,
	    filter->counts ? " 3" : "");
	explain_head(out, word, "a filter of a variable");
	explain_part(out, "syntax", syntax);
	explain_part(out, "gives", filter->usage);
	return true;
}

const char *
explain_filter_name(size_t at)
{
	return filter_rows[at].name;
}

bool
explain_type(struct span word, struct buf *out)
{
	for (const struct param_type *type = param_types; type->name != NULL;
	    type++)
		if (span_is(word, type->name)) {
			explain_head(out, word, "a type of parameters");
			explain_part(out, "takes", type->want);
			return true;
		}
	return false;
}

const char *
explain_type_name(size_t at)
{
	return param_types[at].name;
}

bool
explain_diag(struct span word, struct buf *out)
{
	for (int i = 0; i < DIAG_ID_COUNT; i++)
		if (span_is(word, diag_rows[i].word)) {
			explain_head(out, word, "said by quoth check");
			explain_part(out, "means", diag_rows[i].about);
			return true;
		}
	return false;
}

const char *
explain_diag_name(size_t at)
{
	return at < DIAG_ID_COUNT ? diag_rows[at].word : NULL;
}

/* Matchers that the table of keys knows are told there. */
bool
explain_matcher(struct span word, struct buf *out)
{
	for (size_t i = 0; explain_key_name(i) != NULL; i++)
		if (span_is(word, explain_key_name(i)))
			return false;
	for (size_t i = 0; matcher_rows[i] != NULL; i++)
		if (span_is(word, matcher_rows[i]->name)) {
			explain_head(out, word, "key of an expectation");
			explain_part(out, "syntax", matcher_rows[i]->usage);
			return true;
		}
	return false;
}

const char *
explain_matcher_name(size_t at)
{
	return matcher_rows[at] == NULL ? NULL : matcher_rows[at]->name;
}
