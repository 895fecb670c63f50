/*
 * The verbs: what each makes of its arguments, all wants of an act in a row,
 * and what it says to arguments that it cannot take. Each case is the YAML of
 * a step's act.
 */
#include "check.h"
#include "yaml_tree.h"

#include "base/limits.h"
#include "base/text.h"
#include "model/build.h"
#include "model/regex.h"
#include "model/sasl.h"
#include "model/verb.h"

enum { WANTS_MAX = 12 };

/* `late` is a value of the run; its octets are what the case says. */
struct verb_case {
	const char *yaml, *wants, *late;
};

static bool
declare(struct build *build, const struct node *at, struct span name,
    uint32_t *slot)
{
	(void)build, (void)at, (void)name;
	*slot = SLOT_OWN + 1;
	return true;
}

static bool
read_file(struct build *build, const struct node *at, struct span path,
    struct span *bytes)
{
	if (!span_is(path, "message.eml")) {
		build_error(build, at, DIAG_ID_read, "no such file");
		return false;
	}
	*bytes = SPAN("Subject: x\r\n\r\n.dot\nend");
	return true;
}

/* Of "." "a" and "b". */
#define MARK "a2d2f53b6573ad3500000002"

struct bench {
	struct tree         tree;
	struct scope        scope;
	struct vars         vars;
	struct endpoint     target;
	struct build        build;
	const struct node  *act;
	const struct verb  *verb;
	const void         *args;
	bool                parsed;
};

static void
bench_open(struct bench *b, const struct verb_case *c)
{
	struct name *name;

	*b = (struct bench){ .target = { .host = "127.0.0.1", .port = 2525 } };
	tree_read(&b->tree, "t.yaml", span_of(c->yaml));
	assert_non_null(b->tree.root);
	scope_add(&b->scope, &b->tree.arena, SPAN("client"), NAME_STATIC)->
	    text = SPAN("tester.example");
	name = scope_add(&b->scope, &b->tree.arena, SPAN("late"), NAME_SLOT);
	name->slot = SLOT_OWN;
	vars_init(&b->vars, SLOT_OWN + 2, 1, SPAN("id"));
	assert_true(vars_set(&b->vars, SLOT_OWN,
	    span_of(c->late == NULL ? "" : c->late)));
	b->build = (struct build){ .arena = &b->tree.arena,
	    .diags = &b->tree.diags, .scope = &b->scope,
	    .proto = proto_find(SPAN("smtp")), .regexes = regex_set_new(),
	    .target = &b->target, .declare = declare,
	    .read_file = read_file };
	b->act = b->tree.root->first;
	b->verb = verb_find(b->act->key);
	assert_non_null(b->verb);
	b->parsed = b->verb->parse(&b->build, b->act, &b->args);
	/* As the source does with a late step. */
	if (b->parsed && b->build.late) {
		b->build.vars = &b->vars;
		b->parsed = b->verb->parse(&b->build, b->act, &b->args);
	}
}

static void
bench_close(struct bench *b)
{
	vars_free(&b->vars);
	regex_set_free(b->build.regexes);
	tree_free(&b->tree);
}

static void
want_note(const struct want *want, struct buf *out)
{
	(void)buf_add_text(out, out->len > 0 ? " | " : "");
	switch ((enum want_kind)want->kind) {
	case WANT_CONNECT:
		(void)buf_addf(out, "connect %s:%u%s%s %u", want->to->host,
		    (unsigned)want->to->port, want->to->from == NULL ? "" :
		    " from ", want->to->from == NULL ? "" : want->to->from,
		    (unsigned)want->to->connect_ms);
		return;
	case WANT_WRITE:
		text_plain(want->bytes, out);
		return;
	case WANT_TIMER:
		(void)buf_addf(out, "timer %u", (unsigned)want->ms);
		return;
	case WANT_TLS:
		(void)buf_addf(out, "tls%s%s%s%s%s", want->tls->verify ?
		    "" : " unverified", want->tls->resume ? " resume" : "",
		    want->tls->name == NULL ? "" : " ", want->tls->name == NULL
		    ? "" : want->tls->name, want->tls->cert.len > 0 ?
		    " cert" : "");
		if (want->tls->min != TLS_UNSET || want->tls->max != TLS_UNSET)
			(void)buf_addf(out, " %s..%s",
			    tls_version_names[want->tls->min],
			    tls_version_names[want->tls->max]);
		return;
	case WANT_SASL:
		(void)buf_addf(out, "sasl %s%s", want->sasl->first ? "" :
		    "mute ", want->sasl->mechanism->name);
		return;
	case WANT_CLOSE:
		(void)buf_add_text(out, "close");
		return;
	case WANT_HALF_CLOSE:
		(void)buf_add_text(out, "half close");
		return;
	case WANT_ABORT:
		(void)buf_add_text(out, "abort");
		return;
	case WANT_NOTHING:
		(void)buf_add_text(out, "nothing");
		return;
	case WANT_STEP: case WANT_LOOK: case WANT_REPLY: case WANT_OVER:
		break;
	}
	fail_msg("no verb may want %d", want->kind);
}

/* All wants of the act; where it cannot be planned, why. */
static void
act_run(struct bench *b, struct buf *out)
{
	struct buf   scratch = buf_new(2 * MIB);
	struct talk  talk = { 0 };
	struct fault fault = { 0 };
	struct input done = { .kind = INPUT_DONE };
	struct reply yes = { .code = 220 };
	struct plan  plan = { .vars = &b->vars, .proto = b->build.proto,
	    .talk = &talk, .out = &scratch };
	struct want  want;
	bool fine = b->verb->plan(b->args, &plan, &want, &fault);

	for (int i = 0; fine && i < WANTS_MAX; i++) {
		want_note(&want, out);
		if (want.then == THEN_ROUND)
			(void)buf_add_text(out, " =");
		if (want.then != THEN_FOLLOW && want.then != THEN_ROUND)
			break;
		buf_clear(&scratch);
		fine = b->verb->follow(b->args, &plan, &done,
		    want.then == THEN_ROUND ? &yes : NULL, &want, &fault);
	}
	if (!fine)
		(void)buf_addf(out, "fault: %s", fault.text);
	buf_free(&scratch);
}

/* The bench computes nothing: no response, and 2yz comes at once. */
#define MUTE "\\r\\n =fault: the server said yes before it had heard any " \
	"credentials"

static const struct verb_case good[] = {
	{ "connect:", "connect 127.0.0.1:2525 0", NULL },
	{ "connect: smtp://mx.example.test", "connect mx.example.test:25 0",
	    NULL },
	{ "connect: { to: '[::1]:26', from: '::1', timeout: 2s }",
	    "connect ::1:26 from ::1 2000", NULL },
	{ "connect: { timeout: 1m }", "connect 127.0.0.1:2525 60000", NULL },
	{ "connect: 127.0.0.1:${late}", "connect 127.0.0.1:99 0", "99" },
	{ "connect: smtps://h", "connect h:465 0 | tls", NULL },
	{ "connect: { to: 'tls://h:1', tls: { verify: false } }",
	    "connect h:1 0 | tls unverified", NULL },
	{ "connect: { tls: { verify: false } }", "connect 127.0.0.1:2525 0",
	    NULL },
	{ "auth: { mechanism: plain, user: a, password: b }", "sasl PLAIN | AUTH PLAIN" MUTE,
	    NULL },
	{ "auth: { mechanism: SCRAM-SHA-256-PLUS, user: a, password: b, "
	    "authzid: c, initial: false }", "sasl mute SCRAM-SHA-256-PLUS | AUTH SCRAM-SHA-256-PLUS" MUTE,
	    NULL },
	{ "auth: { mechanism: LOGIN, user: '', password: '' }",
	    "sasl mute LOGIN | AUTH LOGIN" MUTE, NULL },
	{ "auth: { mechanism: LOGIN, user: a, password: b, initial: true }",
	    "sasl LOGIN | AUTH LOGIN" MUTE, NULL },
	{ "auth: { mechanism: EXTERNAL }", "sasl EXTERNAL | AUTH EXTERNAL" MUTE, NULL },
	{ "auth: { mechanism: ANONYMOUS, token: guest }", "sasl ANONYMOUS | AUTH ANONYMOUS" MUTE,
	    NULL },
	{ "auth: { mechanism: OAUTHBEARER, token: t }", "sasl OAUTHBEARER | AUTH OAUTHBEARER" MUTE,
	    NULL },
	{ "auth: { mechanism: OAUTHBEARER, user: u, token: t }",
	    "sasl OAUTHBEARER | AUTH OAUTHBEARER" MUTE, NULL },
	{ "auth: { mechanism: CRAM-MD5, user: a, password: b, initial: false }",
	    "sasl mute CRAM-MD5 | AUTH CRAM-MD5" MUTE, NULL },
	{ "starttls:", "STARTTLS\\r\\n = | tls", NULL },
	{ "starttls: { name: mx.test }", "STARTTLS\\r\\n = | tls mx.test",
	    NULL },
	{ "tls:", "tls", NULL },
	{ "tls: { verify: false, resume: true, name: h.test }",
	    "tls unverified resume h.test", NULL },
	{ "tls: { min: TLSv1.2, max: TLSv1.3 }", "tls TLSv1.2..TLSv1.3",
	    NULL },
	{ "tls: { max: '${late}' }", "tls any..TLSv1.1", "TLSv1.1" },
	{ "tls: { cert: message.eml }", "tls cert", NULL },
	{ "send: NOOP", "NOOP\\r\\n", NULL },
	{ "send: ''", "\\r\\n", NULL },
	{ "send: EHLO ${client}", "EHLO tester.example\\r\\n", NULL },
	{ "send: NOOP ${late|upper}$$", "NOOP X$\\r\\n", "x" },
	{ "send: NOOP ${late}", "fault: a variable puts a line break into the "
	    "command; it would be two commands", "a\r\nQUIT" },
	{ "write: 'a\\r\\n\\x00\\t'", "a\\r\\n\\x00\\t", NULL },
	{ "write: '${late}\\n'", "q\\n", "q" },
	{ "write: |\n  a\\r\\n\n  b\\r\\n", "a\\r\\nb\\r\\n", NULL },
	{ "write: { hex: '41 42 0d0A' }", "AB\\r\\n", NULL },
	{ "write: { base64: QUI= }", "AB", NULL },
	{ "write: { file: message.eml }",
	    "Subject: x\\r\\n\\r\\n.dot\\nend", NULL },
	{ "write: { text: abcdef, chunks: [3, 1] }", "abc | d | e | f", NULL },
	{ "write: { text: abcdef, chunks: [4], every: 10ms }",
	    "abcd | timer 10 | ef", NULL },
	{ "write: { text: abc, every: 1s }",
	    "a | timer 1000 | b | timer 1000 | c", NULL },
	{ "body: ''", ".\\r\\n", NULL },
	{ "body: |\n  .a\n\n  b", "..a\\r\\n\\r\\nb\\r\\n.\\r\\n", NULL },
	{ "body: { text: 'x ${late}' }", "x y\\r\\nz\\r\\n.\\r\\n", "y\nz" },
	{ "body: { file: message.eml }",
	    "Subject: x\\r\\n\\r\\n..dot\\r\\nend\\r\\n.\\r\\n", NULL },
	{ "body: { headers: { From: a, To: b }, text: c }",
	    "From: a\\r\\nTo: b\\r\\n\\r\\nc\\r\\n.\\r\\n", NULL },
	{ "body: { text: .a, raw: true }", ".a\\r\\n.\\r\\n", NULL },
	{ "body: { text: .a, dot: false }", "..a\\r\\n", NULL },
	{ "body: { text: ab, size: 10 }", "ab\\r\\n | abcd\\r\\n.\\r\\n",
	    NULL },
	{ "body: { text: .a, raw: true, dot: false }", ".a", NULL },
	{ "body: { text: a, headers: { S: 'caf\xc3\xa9' } }",
	    "S: =?UTF-8?Q?caf=C3=A9?=\\r\\n\\r\\na\\r\\n.\\r\\n", NULL },
	{ "body: { headers: { S: 'caf\xc3\xa9' }, utf8: true }",
	    "S: caf\xc3\xa9\\r\\n\\r\\n.\\r\\n", NULL },
	{ "body: { headers: { .S: a }, text: b, raw: true }",
	    ".S: a\\r\\n\\r\\nb\\r\\n.\\r\\n", NULL },
	{ "body: { headers: [{ S: a }, { T: b, S: c }] }",
	    "S: a\\r\\nT: b\\r\\nS: c\\r\\n\\r\\n.\\r\\n", NULL },
	{ "body: { headers: { .S: a } }", "..S: a\\r\\n\\r\\n.\\r\\n",
	    NULL },
	{ "body: { headers: { S: '${late}' } }",
	    "S: x\\r\\n\\r\\n.\\r\\n", "x" },
	{ "body: { headers: { S: x }, date: false, message_id: false }",
	    "S: x\\r\\n\\r\\n.\\r\\n", NULL },
	{ "body: { message_id: true, text: a }", "Message-ID: <1504991120."
	    "1617979605@tester.example>\\r\\n\\r\\na\\r\\n.\\r\\n", NULL },
	/* A part at the end: the text's filler stands inside of the text. */
	{ "body: { text: .a, attach: [{ data: b }] }", "MIME-Version: 1.0"
	    "\\r\\nContent-Type: multipart/mixed;\\r\\n\\tboundary=\"=_quoth_"
	    MARK "\"\\r\\n\\r\\n--=_quoth_" MARK "\\r\\nContent-Type: "
	    "text/plain; charset=us-ascii\\r\\n\\r\\n..a\\r\\n--=_quoth_" MARK
	    "\\r\\nContent-Type: text/plain; charset=utf-8\\r\\n"
	    "Content-Transfer-Encoding: base64\\r\\n"
	    "Content-Disposition: attachment\\r\\n\\r\\nYg==\\r\\n--=_quoth_"
	    MARK "--\\r\\n.\\r\\n", NULL },
	{ "bdat: ''", "BDAT 0 LAST\\r\\n", NULL },
	{ "bdat: |\n  .a\n  b", "BDAT 7 LAST\\r\\n.a\\r\\nb\\r\\n", NULL },
	{ "bdat: { text: \"a\\nb\", raw: true }", "BDAT 3 LAST\\r\\na\\nb",
	    NULL },
	{ "bdat: { text: abcd, chunk: 4 }", "BDAT 4\\r\\nabcd = | "
	    "BDAT 2 LAST\\r\\n\\r\\n", NULL },
	{ "bdat: { text: abcd, chunk: 3 }", "BDAT 3\\r\\nabc = | "
	    "BDAT 3 LAST\\r\\nd\\r\\n", NULL },
	{ "bdat: { text: ab, chunk: 1KiB }", "BDAT 4 LAST\\r\\nab\\r\\n", NULL },
	{ "bdat: { text: abc, last: false }", "BDAT 5\\r\\nabc\\r\\n", NULL },
	{ "bdat: { text: '', last: false }", "BDAT 0\\r\\n", NULL },
	{ "bdat: { text: abc, declare: 99 }", "BDAT 99 LAST\\r\\nabc\\r\\n",
	    NULL },
	{ "bdat: { text: ab, declare: 0, last: false }",
	    "BDAT 0\\r\\nab\\r\\n", NULL },
	{ "bdat: { text: '${late}', chunk: 2 }", "BDAT 2\\r\\nxy = | "
	    "BDAT 2 LAST\\r\\n\\r\\n", "xy" },
	{ "bdat: { size: 10, chunk: 4 }", "BDAT 4\\r\\nabcd = | "
	    "BDAT 4\\r\\nefgh = | BDAT 2 LAST\\r\\n\\r\\n", NULL },
	{ "bdat: { file: message.eml, raw: true }", "BDAT 22 LAST\\r\\n"
	    "Subject: x\\r\\n\\r\\n.dot\\nend", NULL },
	{ "close:", "close", NULL },
	{ "close: { half: true }", "half close", NULL },
	{ "close: { half: false }", "close", NULL },
	{ "abort:", "abort", NULL },
	{ "wait: 250ms", "timer 250", NULL },
	{ "wait: 1.5s", "timer 1500", NULL },
	{ "wait: ${late}", "timer 3000", "3s" },
	{ "set: { a: 'x${late}' }", "nothing", "y" },
};

/* `wants`: what the first complaint says. */
static const struct verb_case bad[] = {
	{ "connect: ftp://x", "not supported", NULL },
	{ "connect: { too: x }", "unknown key 'too' in connect", NULL },
	{ "connect: embedded", "embedded", NULL },
	{ "connect: { from: eth0 }", "no address of this machine", NULL },
	{ "tls: yes", "a TLS handshake must be a map", NULL },
	{ "tls: { verfy: true }", "unknown key 'verfy'", NULL },
	{ "tls: { min: '1.2' }", "'1.2' is no TLS version", NULL },
	{ "tls: { min: TLSv1.3, max: TLSv1.2 }",
	    "no version is from TLSv1.3 up to TLSv1.2", NULL },
	{ "tls: { key: message.eml }", "'cert' is missing", NULL },
	{ "tls: { ca: other }", "no such file", NULL },
	{ "tls: { name: 'a b' }", "'a b' is no host name", NULL },
	{ "tls: { name: '' }", "no host name", NULL },
	{ "tls: { name: .example.test }", "no host name", NULL },
	{ "tls: { name: '*.example.test' }", "no host name", NULL },
	{ "tls: { name: a..test }", "no host name", NULL },
	{ "tls: { name: a@b.test }", "no host name", NULL },
	{ "tls: { name: '[::1]' }", "no host name", NULL },
	{ "starttls: { verify: maybe }", "maybe", NULL },
	{ "auth: { mechanism: SCRAM-SHA-255, user: a, password: b }",
	    "no mechanism", NULL },
	{ "auth: { mechanism: PLAIN, user: a }", "needs 'password'", NULL },
	{ "auth: { mechanism: XOAUTH2, token: a }", "needs 'user'", NULL },
	{ "auth: { mechanism: PLAIN, user: a, password: b, token: c }",
	    "has no 'token'", NULL },
	{ "auth: { mechanism: PLAIN, user: a, password: [b] }",
	    "a single value", NULL },
	{ "auth: { mechanism: CRAM-MD5, user: a, password: b, initial: true }",
	    "speaks first", NULL },
	{ "connect: { tls: { max: x } }", "'x' is no TLS version", NULL },
	{ "send:", "send needs one command line", NULL },
	{ "send: [a]", "send needs one command line", NULL },
	{ "send: 'a\\r\\n'", "send knows no escapes", NULL },
	{ "send: |\n  a\n  b", "line break in a command", NULL },
	{ "send: ${nobody}", "unknown variable 'nobody'", NULL },
	{ "write:", "write needs the bytes to send", NULL },
	{ "write: '\\q'", "escape", NULL },
	{ "write: |\n  a\n  b\\r\\n", "does not say how it ends", NULL },
	{ "write: {}", "needs one of", NULL },
	{ "write: { text: a, hex: 41 }", "one of text, hex", NULL },
	{ "write: { hex: 4 }", "this is no hexadecimal text", NULL },
	{ "write: { base64: A }", "this is no base64", NULL },
	{ "write: { file: other }", "no such file", NULL },
	{ "write: { text: a, chunks: [0] }", "0", NULL },
	{ "write: { text: a, chunks: 5 }", "chunks must be a list", NULL },
	{ "write: { text: a, every: fast }", "fast", NULL },
	{ "body:", "body needs the message", NULL },
	{ "body: { text: a, file: message.eml }", "not both", NULL },
	{ "body: { raw: true }", "body needs", NULL },
	{ "body: { text: abc, size: 4 }", "size is 4", NULL },
	{ "body: { headers: [a] }", "headers must be a map", NULL },
	{ "body: { headers: [{ S: a }, [b]] }", "headers must be a map", NULL },
	{ "body: { headers: a }", "headers must be a map", NULL },
	{ "body: { headers: { 'a b': c } }", "no name of a header", NULL },
	{ "body: { headers: { a: \"b\\nc\" } }", "line break in a header", NULL },
	{ "body: { headers: { From: 'caf\xc3\xa9@b.test' } }",
	    "an address beyond ASCII", NULL },
	{ "body: { headers: { S: \"${'/w=='|unbase64}\" } }", "is not UTF-8",
	    NULL },
	{ "body: { headers: { mime-version: x }, attach: [{ data: a }] }",
	    "attach makes mime-version itself", NULL },
	{ "body: { date: maybe, text: a }", "maybe", NULL },
	{ "body: { attach: a.txt }", "attach must be a list", NULL },
	{ "body: { attach: [] }", "attach must be a list", NULL },
	{ "body: { attach: [{}] }", "either file or data", NULL },
	{ "body: { attach: [{ data: a, file: message.eml }] }",
	    "either file or data", NULL },
	{ "body: { attach: [{ file: other }] }", "no such file", NULL },
	{ "body: { attach: [{ data: a, coding: x }] }", "unknown key 'coding'",
	    NULL },
	{ "body: { attach: [{ data: a, encoding: 7bit }] }",
	    "base64, 8bit or binary", NULL },
	{ "body: { attach: [{ data: a, name: \"b\\nc\" }] }",
	    "control character in the name", NULL },
	{ "body: { attach: [{ data: a, type: \"b\\r\\nX: c\" }] }",
	    "control character in the type", NULL },
	{ "body: { text: a, chunk: 3 }", "unknown key 'chunk' in body", NULL },
	{ "bdat:", "bdat needs the message", NULL },
	{ "bdat: {}", "bdat needs text or file", NULL },
	{ "bdat: { last: false }", "bdat needs text or file", NULL },
	{ "bdat: { text: a, dot: false }", "unknown key 'dot' in bdat", NULL },
	{ "bdat: { text: a, chunk: 0 }", "at least one octet", NULL },
	{ "bdat: { text: a, chunk: -1 }", "-1", NULL },
	{ "bdat: { text: a, chunk: 2, declare: 2 }", "declare is the size of",
	    NULL },
	{ "bdat: { text: a, last: 1 }", "want true or false", NULL },
	{ "bdat: { size: 1MiB, chunk: 1 }", "more than 100000 chunks", NULL },
	{ "close: { half: maybe }", "maybe", NULL },
	{ "close: now", "close must be a map", NULL },
	{ "abort: now", "abort takes no value", NULL },
	{ "wait:", "", NULL },
	{ "wait: soon", "soon", NULL },
	{ "wait: -1s", "-1s", NULL },
	{ "set: a", "set must be a map", NULL },
	{ "set: { a: [b] }", "one value for 'a'", NULL },
};

static void
test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct bench b;
		struct buf   out = buf_new(MIB);

		bench_open(&b, &good[i]);
		if (!b.parsed)
			fail_msg("%s: %s", good[i].yaml,
			    b.tree.diags.first->text);
		act_run(&b, &out);
		(void)buf_add_octet(&out, '\0');
		if (strcmp(out.ptr, good[i].wants) != 0)
			fail_msg("%s: wants %s, not %s", good[i].yaml, out.ptr,
			    good[i].wants);
		buf_free(&out);
		bench_close(&b);
	}
}

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct bench b;

		bench_open(&b, &bad[i]);
		if (b.parsed || b.tree.diags.first == NULL)
			fail_msg("%s: nothing was said", bad[i].yaml);
		if (strstr(b.tree.diags.first->text, bad[i].wants) == NULL)
			fail_msg("%s: %s", bad[i].yaml,
			    b.tree.diags.first->text);
		assert_true(b.tree.diags.first->loc.line > 0);
		bench_close(&b);
	}
}

/* 300,000 octets of filler come in chunks and are that long. */
static void
test_size(void **state)
{
	struct verb_case c = { "body: { size: 300000 }", NULL, NULL };
	struct buf   scratch = buf_new(2 * MIB);
	struct talk  talk = { 0 };
	struct input done = { .kind = INPUT_DONE };
	struct fault fault;
	struct want  want;
	struct bench b;
	size_t       octets = 0, writes = 0;

	(void)state;
	bench_open(&b, &c);
	assert_true(b.parsed);
	struct plan plan = { .vars = &b.vars, .proto = b.build.proto,
	    .talk = &talk, .out = &scratch };
	assert_true(b.verb->plan(b.args, &plan, &want, &fault));
	for (;;) {
		octets += want.bytes.len;
		writes++;
		if (want.then != THEN_FOLLOW)
			break;
		buf_clear(&scratch);
		assert_true(b.verb->follow(b.args, &plan, &done, NULL, &want,
		    &fault));
	}
	assert_int_equal(octets, 300000 + 3);
	assert_true(span_ends(want.bytes, SPAN("\r\n.\r\n")));
	assert_in_range(writes, 2, 10);
	buf_free(&scratch);
	bench_close(&b);
}

/* What the session asks of a verb beside its wants. */
static void
test_rows(void **state)
{
	static const struct { const char *name; bool awaits, groups, opens,
	    wireless; } rows[] = {
		{ "connect", true, false, true, false },
		{ "send", true, true, false, false },
		{ "write", false, true, false, false },
		{ "body", true, true, false, false },
		{ "bdat", true, true, false, false },
		{ "starttls", true, true, false, false },
		{ "auth", true, false, false, false },
		{ "tls", false, false, false, false },
		{ "close", false, false, false, false },
		{ "abort", false, false, false, false },
		{ "wait", false, false, false, true },
		{ "set", false, false, false, true },
	};
	struct verb_case dotless = { "body: { text: a, dot: false }", NULL,
	    NULL };
	struct bench b;
	size_t       count = 0;

	(void)state;
	while (verb_rows[count] != NULL)
		count++;
	assert_int_equal(count, sizeof rows / sizeof *rows);
	for (size_t i = 0; i < count; i++) {
		const struct verb *verb = verb_find(span_of(rows[i].name));

		assert_non_null(verb);
		assert_int_equal(verb->awaits, rows[i].awaits);
		assert_int_equal(verb->groups, rows[i].groups);
		assert_int_equal(verb->opens, rows[i].opens);
		assert_int_equal(verb->wireless, rows[i].wireless);
		assert_true(strncmp(verb->usage, verb->name,
		    strlen(verb->name)) == 0);
	}
	assert_null(verb_find(SPAN("Send")));
	bench_open(&b, &dotless);
	assert_false(b.verb->awaits_of(b.args));
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_size), cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
