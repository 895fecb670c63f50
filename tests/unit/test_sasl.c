/*
 * The SASL engine: what its clients say against the vectors of the RFCs, what
 * they refuse to hear, its server's side, and SCRAM against a computation of
 * our own (which is held against RFC 5802 5 and RFC 7677 3 first).
 */
#include "check.h"

#include "base/limits.h"
#include "base/mem.h"
#include "model/digest.h"
#include "model/filter.h"
#include "sasl/sasl.h"

#define S(text) { text, sizeof(text) - 1 }

static const struct sasl_engine *const engine = &sasl_gsasl;

/* ---- one exchange ---- */

struct client {
	struct sasl   *sasl;
	struct buf     out;
	struct fault   fault;
	enum sasl_step step;
};

static struct sasl_ask
ask_of(const char *mechanism, const char *user, const char *password)
{
	struct sasl_ask ask = {
		.mechanism = sasl_find(span_of(mechanism)), .first = true,
		.user = span_of(user), .password = span_of(password),
		.service = SPAN("smtp"), .host = SPAN("mx.example.test"),
		.port = 25
	};

	assert_non_null(ask.mechanism);
	ask.first = (ask.mechanism->traits & SASL_FIRST) != 0;
	if ((ask.mechanism->traits & SASL_BINDING) != 0) {
		ask.binding = SPAN("tls-exporter");
		ask.bound = SPAN("0123456789\0bcdef0123456789abcdef");
	}
	return ask;
}

static struct client
begin(const struct sasl_ask *ask)
{
	struct client client = { .out = buf_new(64 * KIB) };

	client.sasl = engine->client(ask, &client.fault);
	if (client.sasl == NULL)
		fail_msg("%s: %s", ask->mechanism->name, client.fault.text);
	return client;
}

static struct span
hear(struct client *client, struct span in)
{
	buf_clear(&client->out);
	client->fault = (struct fault){ 0 };
	client->step = engine->step(client->sasl, in, &client->out,
	    &client->fault);
	if (client->step == SASL_STEP_FAILED)
		assert_true(client->fault.text[0] != '\0');
	return buf_span(&client->out);
}

static void
finish(struct client *client)
{
	engine->end(client->sasl);
	buf_free(&client->out);
}

static const struct span nothing = { NULL, 0 };

static void
check_span(const char *name, struct span is, struct span want)
{
	if (!span_eq(is, want))
		fail_msg("%s: \"%.*s\", not \"%.*s\"", name, SPAN_ARG(is),
		    SPAN_ARG(want));
}

/* ---- what clients say ---- */

static const struct dialogue {
	const char *mechanism;
	bool        first;
	const char *user, *password, *token, *authzid;
	struct span said[6];    /* server's, client's ... ; from the start on */
} dialogues[] = {
	/* RFC 4616 4 */
	{ "PLAIN", true, "tim", "tanstaaftanstaaf", NULL, NULL,
	    { { NULL, 0 }, S("\0tim\0tanstaaftanstaaf") } },
	{ "PLAIN", true, "Kurt", "xipj3plmq", NULL, "Ursel",
	    { { NULL, 0 }, S("Ursel\0Kurt\0xipj3plmq") } },
	{ "PLAIN", false, "tim", "", NULL, NULL,
	    { { NULL, 0 }, { NULL, 0 }, S(""), S("\0tim\0") } },
	{ "PLAIN", true, "", "\xff", NULL, NULL,
	    { { NULL, 0 }, S("\0\0\xff") } },
	{ "LOGIN", false, "tim", "secret", NULL, NULL,
	    { { NULL, 0 }, { NULL, 0 }, S("Username:"), S("tim"), S("?"),
	    S("secret") } },
	{ "LOGIN", true, "tim", "secret", NULL, NULL,
	    { { NULL, 0 }, S("tim"), S(""), S("secret") } },
	/* RFC 2195 2 */
	{ "CRAM-MD5", false, "tim", "tanstaaftanstaaf", NULL, NULL,
	    { { NULL, 0 }, { NULL, 0 },
	    S("<1896.697170952@postoffice.reston.mci.net>"),
	    S("tim b913a602c7eda7a495b4e6e7334d3890") } },
	/* The same by Python's hmac. */
	{ "CRAM-MD5", false, "a b", "", NULL, NULL,
	    { { NULL, 0 }, { NULL, 0 }, S("\0\0"),
	    S("a b cbc26d6c1022a9a33b5f5a4c12b99dcd") } },
	{ "EXTERNAL", true, NULL, NULL, NULL, NULL, { { NULL, 0 }, S("") } },
	{ "EXTERNAL", true, NULL, NULL, NULL, "tim@example.test",
	    { { NULL, 0 }, S("tim@example.test") } },
	{ "EXTERNAL", false, NULL, NULL, NULL, "tim",
	    { { NULL, 0 }, { NULL, 0 }, S(""), S("tim") } },
	{ "ANONYMOUS", true, NULL, NULL, "sirhc", NULL,
	    { { NULL, 0 }, S("sirhc") } },
	/* Google's own example. */
	{ "XOAUTH2", true, "someuser@example.com", NULL,
	    "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg", NULL,
	    { { NULL, 0 }, S("user=someuser@example.com\1auth=Bearer "
	    "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg\1\1"),
	    S("{\"status\":\"401\",\"schemes\":\"bearer\"}"), S("") } },
	/* RFC 7628 4.1 and 4.2, with our host and port */
	{ "OAUTHBEARER", true, "user@example.com", NULL,
	    "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==", NULL,
	    { { NULL, 0 }, S("n,a=user@example.com,\1host=mx.example.test\1"
	    "port=25\1auth=Bearer "
	    "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\1\1"),
	    S("{\"status\":\"invalid_token\",\"scope\":\"x\"}"), S("\1") } },
	{ "OAUTHBEARER", false, "a,b=c", NULL, "t", NULL,
	    { { NULL, 0 }, { NULL, 0 }, S(""), S("n,a=a=2Cb=3Dc,\1"
	    "host=mx.example.test\1port=25\1auth=Bearer t\1\1") } },
	{ "OAUTHBEARER", true, NULL, NULL, "t", NULL,
	    { { NULL, 0 }, S("n,,\1host=mx.example.test\1port=25\1"
	    "auth=Bearer t\1\1") } },
};

static void
check_dialogue(const struct dialogue *row)
{
	struct sasl_ask ask = ask_of(row->mechanism, row->user, row->password);
	struct client   client;
	struct fault    fault;
	size_t          i;

	ask.first = row->first;
	ask.token = span_of(row->token);
	ask.authzid = span_of(row->authzid);
	client = begin(&ask);
	for (i = 0; i < 6 && (i == 0 || row->said[i].ptr != NULL); i += 2) {
		struct span said;

		assert_false(engine->slow(client.sasl, row->said[i]));
		said = hear(&client, row->said[i]);
		if (client.step == SASL_STEP_FAILED)
			fail_msg("%s: %s", row->mechanism, client.fault.text);
		assert_int_equal(client.step, row->said[i + 1].ptr == NULL ?
		    SASL_STEP_SILENT : SASL_STEP_SEND);
		check_span(row->mechanism, said, row->said[i + 1]);
	}
	/* Whoever heard that his token is no good is not let in. */
	assert_int_equal(engine->proven(client.sasl, &fault),
	    client.fault.text[0] == '\0');
	(void)hear(&client, SPAN("{ \"one\": \"more\" }"));
	if (ask.token.len == 0 || client.step == SASL_STEP_SEND)
		(void)hear(&client, SPAN("and more"));
	assert_int_equal(client.step, SASL_STEP_FAILED);
	finish(&client);
}

static void
test_dialogues(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof dialogues / sizeof *dialogues; i++)
		check_dialogue(&dialogues[i]);
}

/* Let in before the exchange was over. */
static void
test_early(void **state)
{
	static const char *const names[] = { "PLAIN", "LOGIN", "CRAM-MD5",
	    "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "EXTERNAL",
	    "ANONYMOUS", "XOAUTH2", "OAUTHBEARER", "SCRAM-SHA-256-PLUS" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct sasl_ask ask = ask_of(names[i], "tim", "secret");
		struct client   client;

		ask.first = strcmp(names[i], "LOGIN") == 0;
		ask.token = SPAN("token");
		client = begin(&ask);
		(void)hear(&client, nothing);
		assert_int_equal(client.step, ask.first ? SASL_STEP_SEND :
		    SASL_STEP_SILENT);
		assert_false(engine->proven(client.sasl, &client.fault));
		assert_int_equal(client.fault.class, FAULT_SASL);
		finish(&client);
	}
}

/* ---- what authors may not ask ---- */

static const struct refused {
	const char *mechanism;
	struct span user, password;
	const char *why;
} refused[] = {
	{ "PLAIN", S("a\0b"), S("secret"), "user of PLAIN has a NUL" },
	{ "PLAIN", S("tim"), S("\0"), "password of PLAIN has a NUL" },
	{ "SCRAM-SHA-256", S(""), S("secret"), "user is empty" },
	{ "SCRAM-SHA-256", S("\xff"), S("secret"), "user is not UTF-8" },
	{ "SCRAM-SHA-256", S("\xc2\xad"), S("secret"), "nothing is left" },
	{ "SCRAM-SHA-1", S("tim"), S("a\xed\xa0\x80"), "password is not" },
	/* RFC 4013 3: prohibited, and both directions */
	{ "SCRAM-SHA-1", S("tim"), S("\7"), "prohibited" },
	{ "CRAM-MD5", S("tim"), S("\7"), "prohibited" },
	{ "CRAM-MD5", S("\xd8\xa7" "1"), S("secret"), "directions" },
	{ "CRAM-MD5", S("\xe9"), S("secret"), "user is not UTF-8" },
	{ "DIGEST-MD5", S("tim"), S("\xe9"), "not UTF-8" },
	{ "XOAUTH2", S("tim\1"), S(""), "0x01" },
	{ "OAUTHBEARER", S("tim\1"), S(""), "0x01" },
	{ "SCRAM-SHA-256-PLUS", S("tim"), S("secret"), "binds to the TLS" },
};

static void
test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		const struct refused *row = &refused[i];
		struct sasl_ask ask = ask_of(row->mechanism, NULL, NULL);
		struct fault    fault = { 0 };

		ask.user = row->user;
		ask.password = row->password;
		ask.bound = nothing;
		assert_null(engine->client(&ask, &fault));
		assert_int_equal(fault.class, FAULT_SCENARIO);
		if (strstr(fault.text, row->why) == NULL)
			fail_msg("%s: %s", row->mechanism, fault.text);
	}
}

/* RFC 4013 3: what is prepared to the same form. */
static void
test_prepared(void **state)
{
	static const struct { const char *user, *as; } rows[] = {
		{ "I\xc2\xadX", "IX" }, { "user", "user" },
		{ "USER", "USER" }, { "\xc2\xaa", "a" },
		{ "\xe2\x85\xa8", "IX" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct sasl_ask ask = ask_of("SCRAM-SHA-256", rows[i].user,
		    "secret");
		struct client   client = begin(&ask);
		struct buf      want = buf_new(100);

		buf_addf(&want, "n,,n=%s,r=", rows[i].as);
		assert_true(span_starts(hear(&client, nothing),
		    buf_span(&want)));
		buf_free(&want);
		finish(&client);
	}
}

/* ---- what servers may not say ---- */

static const struct bad {
	const char *mechanism;
	struct span challenge;
	const char *why;
} bad[] = {
	{ "PLAIN", S("Password:"), "first challenge is not empty" },
	{ "SCRAM-SHA-256", S("r=x"), "first challenge is not empty" },
	{ "OAUTHBEARER", S("{}"), "first challenge is not empty" },
	{ "CRAM-MD5", S(""), "challenge is empty" },
	{ "DIGEST-MD5", S(""), "challenge is empty" },
	{ "DIGEST-MD5", S("nonce=\"x\0\""), "a NUL" },
	{ "DIGEST-MD5", S("nonsense"), "is not one of DIGEST-MD5" },
	{ "DIGEST-MD5", S("\xff\xfe,,,===\"\""), "is not one of DIGEST-MD5" },
	{ "DIGEST-MD5", S("realm=\"x\",qop=\"auth\",charset=utf-8"),
	    "is not one of DIGEST-MD5" },
	{ "DIGEST-MD5", S("nonce=\"x\",nonce=\"y\",algorithm=md5-sess"),
	    "is not one of DIGEST-MD5" },
	{ "DIGEST-MD5", S("nonce=\"never closed"), "is not one of" },
	{ "DIGEST-MD5", S("realm=\"a,\\\",qop=auth\",nonce=\"x\",QOP=\"auth-int,"
	    "auth-conf\",algorithm=md5-sess"), "offers no qop" },
	{ "DIGEST-MD5", S("qop="), "offers no qop" },
};

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct sasl_ask ask = ask_of(bad[i].mechanism, "tim", "secret");
		struct client   client;

		ask.first = false;
		client = begin(&ask);
		(void)hear(&client, nothing);
		assert_int_equal(client.step, SASL_STEP_SILENT);
		(void)hear(&client, bad[i].challenge);
		assert_int_equal(client.step, SASL_STEP_FAILED);
		assert_int_equal(client.fault.class, FAULT_SASL);
		if (strstr(client.fault.text, bad[i].why) == NULL)
			fail_msg("%s: %s", bad[i].mechanism,
			    client.fault.text);
		finish(&client);
	}
}

/* One octet above the limit, at every mechanism; one below is CRAM's alone. */
static void
test_large(void **state)
{
	struct span all = { mem_alloc(LIMIT_SASL + 1), LIMIT_SASL + 1 };

	(void)state;
	memset((void *)(uintptr_t)all.ptr, 'x', all.len);
	for (size_t i = 0; sasl_mechanisms[i].name != NULL; i++) {
		struct sasl_ask ask = ask_of(sasl_mechanisms[i].name, "tim",
		    "secret");
		struct client   client = begin(&ask);

		(void)hear(&client, nothing);
		(void)hear(&client, all);
		assert_int_equal(client.step, SASL_STEP_FAILED);
		assert_non_null(strstr(client.fault.text, "LIMIT_SASL"));
		(void)hear(&client, span_from(all, 1));
		assert_int_equal(client.step, strcmp(sasl_mechanisms[i].name,
		    "CRAM-MD5") == 0 || strcmp(sasl_mechanisms[i].name,
		    "LOGIN") == 0 ? SASL_STEP_SEND : SASL_STEP_FAILED);
		finish(&client);
	}
	mem_free((void *)(uintptr_t)all.ptr);
}

/* Why a token is refused: a word of the server's, or none at all. */
static void
test_status(void **state)
{
	static const struct { struct span json; const char *says; } rows[] = {
		{ S("{\"status\":\"invalid_token\"}"), ": invalid_token" },
		{ S(" {\"a\":1, \"status\" : \"401\" }"), ": 401" },
		{ S("{\"status\":\"not a word\"}"), "" },
		{ S("{\"status\":401}"), "" }, { S("{\"status\":\"40"), "" },
		{ S("{\"status\"}"), "" }, { S("{\"status\""), "" },
		{ S("{}"), "" }, { S("{\"status\":\"\"}"), "" },
		{ S("{\"status\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaaaaaaaaaaaaaaaaa\"}"), "" },
	};
	static const struct span none[] = { S(""), S("no"), S("[]"), S("\0{") };
	struct sasl_ask ask = ask_of("XOAUTH2", "tim", NULL);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct client client = begin(&ask);
		char          want[100];

		(void)hear(&client, nothing);
		assert_int_equal(hear(&client, rows[i].json).len, 0);
		assert_int_equal(client.step, SASL_STEP_SEND);
		(void)snprintf(want, sizeof want, "the server refuses the "
		    "token%s", rows[i].says);
		assert_string_equal(client.fault.text, want);
		finish(&client);
	}
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		struct client client = begin(&ask);

		(void)hear(&client, nothing);
		(void)hear(&client, none[i]);
		assert_int_equal(client.step, SASL_STEP_FAILED);
		finish(&client);
	}
}

/* ---- DIGEST-MD5, RFC 2831 4: the nonce of the client is its own ---- */

static void
test_digest(void **state)
{
	struct sasl_ask ask = ask_of("DIGEST-MD5", "chris", "secret");
	struct client   client = begin(&ask);
	struct span     said;

	(void)state;
	(void)hear(&client, nothing);
	said = hear(&client, SPAN("realm=\"elwood.innosoft.com\",nonce=\""
	    "OA6MG9tEQGm2hh\",qop=\"auth\",algorithm=md5-sess,charset=utf-8"));
	assert_int_equal(client.step, SASL_STEP_SEND);
	assert_int_not_equal(span_find(said, SPAN("username=\"chris\"")),
	    SIZE_MAX);
	assert_int_not_equal(span_find(said, SPAN("smtp/mx.example.test")),
	    SIZE_MAX);
	assert_false(engine->proven(client.sasl, &client.fault));
	(void)hear(&client, SPAN("rspauth=ea40f60335c427b5527b84dbabcdfffd"));
	assert_int_equal(client.step, SASL_STEP_FAILED);
	assert_non_null(strstr(client.fault.text, "rspauth is wrong"));
	assert_false(engine->proven(client.sasl, &client.fault));
	finish(&client);

	client = begin(&ask);
	(void)hear(&client, nothing);
	(void)hear(&client, SPAN("nonce=\"x\",algorithm=md5-sess"));
	assert_int_equal(client.step, SASL_STEP_SEND);
	(void)hear(&client, SPAN("nothing"));
	assert_int_equal(client.step, SASL_STEP_FAILED);
	assert_non_null(strstr(client.fault.text, "has no rspauth"));
	finish(&client);
}

/* The value of "name=" or of its quoted form. */
static struct span
directive(struct span in, const char *name)
{
	size_t      at = span_find(in, span_of(name));
	struct span value = span_from(in, at + strlen(name));

	assert_int_not_equal(at, SIZE_MAX);
	if (value.len > 0 && value.ptr[0] == '"') {
		value = span_from(value, 1);
		return span_sub(value, 0, span_chr(value, '"'));
	}
	return span_sub(value, 0, span_chr(value, ','));
}

static void
md5_hex(struct span in, struct buf *out)
{
	struct buf made = buf_new(DIGEST_MAX);

	assert_true(digest_make(SPAN("md5"), in, &made));
	assert_true(digest_hex(buf_span(&made), out));
	buf_free(&made);
}

/* response-value, RFC 2831 2.1.2.1; `a2` begins with AUTHENTICATE for the
 * client. */
static void
digest_value(const char *secret, struct span nonce, struct span cnonce,
    const char *a2, struct buf *out)
{
	struct buf a1 = buf_new(1000), whole = buf_new(1000);

	assert_true(digest_make(SPAN("md5"), span_of(secret), &a1));
	buf_addf(&a1, ":%.*s:%.*s", SPAN_ARG(nonce), SPAN_ARG(cnonce));
	md5_hex(buf_span(&a1), &whole);
	buf_addf(&whole, ":%.*s:00000001:%.*s:auth:", SPAN_ARG(nonce),
	    SPAN_ARG(cnonce));
	md5_hex(span_of(a2), &whole);
	md5_hex(buf_span(&whole), out);
	buf_free(&a1);
	buf_free(&whole);
}

#define RFC_2831 "chris:elwood.innosoft.com:secret"
#define NONCE "OA6MG9tEQGm2hh"

static void
test_digest_computed(void **state)
{
	struct sasl_ask ask = ask_of("DIGEST-MD5", "chris", "secret");
	struct client   client = begin(&ask);
	struct buf      value = buf_new(100), proof = buf_new(100);
	struct span     said, cnonce;

	(void)state;
	/* RFC 2831 4 first. */
	digest_value(RFC_2831, SPAN(NONCE), SPAN("OA6MHXh6VqTrRk"),
	    "AUTHENTICATE:imap/elwood.innosoft.com", &value);
	check_span("RFC 2831", buf_span(&value),
	    SPAN("d388dad90d4bbd760a152321f2143af7"));
	buf_clear(&value);
	(void)hear(&client, nothing);
	said = hear(&client, SPAN("realm=\"elwood.innosoft.com\",nonce=\""
	    NONCE "\",qop=\"auth\",algorithm=md5-sess,charset=utf-8"));
	cnonce = directive(said, "cnonce=");
	digest_value(RFC_2831, SPAN(NONCE), cnonce,
	    "AUTHENTICATE:smtp/mx.example.test", &value);
	check_span("response", directive(said, " response="),
	    buf_span(&value));
	buf_add(&proof, SPAN("rspauth="));
	digest_value(RFC_2831, SPAN(NONCE), cnonce, ":smtp/mx.example.test",
	    &proof);
	assert_int_equal(hear(&client, buf_span(&proof)).len, 0);
	assert_int_equal(client.step, SASL_STEP_SEND);
	assert_true(engine->proven(client.sasl, &client.fault));
	buf_free(&value);
	buf_free(&proof);
	finish(&client);
}

/* ---- SCRAM, by ourselves ---- */

enum { HASH_MAX = 32 };

struct hash { const char *name; size_t len; };

static void
hash(const struct hash *how, struct span in, uint8_t *out)
{
	struct buf made = buf_new(DIGEST_MAX);

	assert_true(digest_make(span_of(how->name), in, &made));
	memcpy(out, made.ptr, how->len);
	buf_free(&made);
}

static void
hmac(const struct hash *how, struct span key, struct span in, uint8_t *out)
{
	struct buf made = buf_new(DIGEST_MAX);

	assert_true(digest_hmac(span_of(how->name), key, in, &made));
	memcpy(out, made.ptr, how->len);
	buf_free(&made);
}

static struct span
octets(const struct hash *how, const uint8_t *from)
{
	return (struct span){ (const char *)from, how->len };
}

static void
salted(const struct hash *how, struct span password, struct span salt,
    unsigned count, uint8_t *out)
{
	char    first[100];
	uint8_t u[HASH_MAX];

	memcpy(first, salt.ptr, salt.len);
	memcpy(first + salt.len, "\0\0\0\1", 4);
	hmac(how, password, (struct span){ first, salt.len + 4 }, u);
	memcpy(out, u, how->len);
	while (--count > 0) {
		hmac(how, password, octets(how, u), u);
		for (size_t i = 0; i < how->len; i++)
			out[i] ^= u[i];
	}
}

static void
to_base64(struct span in, struct buf *out)
{
	const char *why;

	assert_true(filter_find(SPAN("base64"))->apply(in, 0, out, &why));
}

/* p= and v= of an exchange whose AuthMessage is known. */
static void
scram(const struct hash *how, const char *password, struct span salt,
    unsigned count, struct span message, struct buf *proof, struct buf *sign)
{
	uint8_t key[HASH_MAX], client[HASH_MAX], stored[HASH_MAX],
	    made[HASH_MAX], server[HASH_MAX];

	salted(how, span_of(password), salt, count, key);
	hmac(how, octets(how, key), SPAN("Client Key"), client);
	hash(how, octets(how, client), stored);
	hmac(how, octets(how, stored), message, made);
	for (size_t i = 0; i < how->len; i++)
		client[i] ^= made[i];
	to_base64(octets(how, client), proof);
	hmac(how, octets(how, key), SPAN("Server Key"), server);
	hmac(how, octets(how, server), message, made);
	to_base64(octets(how, made), sign);
}

static const struct hash sha1 = { "sha1", 20 }, sha256 = { "sha256", 32 };

static void
test_our_scram(void **state)
{
	struct buf salt = buf_new(100), proof = buf_new(100),
	    sign = buf_new(100);

	(void)state;
	assert_true(base64_decode(SPAN("QSXCR+Q6sek8bf92"), &salt));
	scram(&sha1, "pencil", buf_span(&salt), 4096, SPAN(
	    "n=user,r=fyko+d2lbbFgONRv9qkxdawL,"
	    "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
	    "s=QSXCR+Q6sek8bf92,i=4096,"
	    "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j"),
	    &proof, &sign);
	check_span("RFC 5802", buf_span(&proof),
	    SPAN("v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="));
	check_span("RFC 5802", buf_span(&sign),
	    SPAN("rmF9pqV8S7suAoZWja4dJRkFsKQ="));
	buf_clear(&salt);
	buf_clear(&proof);
	buf_clear(&sign);
	assert_true(base64_decode(SPAN("W22ZaJ0SNY7soEsUEjb6gQ=="), &salt));
	scram(&sha256, "pencil", buf_span(&salt), 4096, SPAN(
	    "n=user,r=rOprNGfwEbeRWgbNEkqO,"
	    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	    "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
	    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"),
	    &proof, &sign);
	check_span("RFC 7677", buf_span(&proof),
	    SPAN("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
	check_span("RFC 7677", buf_span(&sign),
	    SPAN("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
	buf_free(&salt);
	buf_free(&proof);
	buf_free(&sign);
}

/* A server's half of one exchange; `sign` gets the right signature. */
static void
serve_scram(struct client *client, const struct hash *how, struct span gs2,
    struct span bound, struct buf *sign)
{
	struct buf  message = buf_new(4096), want = buf_new(4096),
	    bind = buf_new(4096), proof = buf_new(100);
	struct span bare = span_from(hear(client, nothing), gs2.len), nonce;
	size_t      from;

	assert_true(span_starts(buf_span(&client->out), gs2));
	nonce = span_from(bare, span_find(bare, SPAN(",r=")) + 3);
	buf_add(&message, bare);
	buf_add_octet(&message, ',');
	from = message.len;
	buf_addf(&message, "r=%.*sSERVER,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
	    SPAN_ARG(nonce));
	buf_add(&bind, gs2);
	buf_add(&bind, bound);
	buf_add(&want, SPAN("c="));
	to_base64(buf_span(&bind), &want);
	buf_addf(&want, ",r=%.*sSERVER", SPAN_ARG(nonce));
	(void)hear(client, span_from(buf_span(&message), from));
	assert_int_equal(client->step, SASL_STEP_SEND);
	buf_addf(&message, ",%.*s", SPAN_ARG(buf_span(&want)));
	buf_clear(&bind);
	assert_true(base64_decode(SPAN("W22ZaJ0SNY7soEsUEjb6gQ=="), &bind));
	buf_add(sign, SPAN("v="));
	scram(how, "pencil", buf_span(&bind), 4096, buf_span(&message),
	    &proof, sign);
	buf_addf(&want, ",p=%.*s", SPAN_ARG(buf_span(&proof)));
	check_span("client-final", buf_span(&client->out), buf_span(&want));
	buf_free(&message);
	buf_free(&want);
	buf_free(&bind);
	buf_free(&proof);
}

static const struct scram_case {
	const char  *mechanism;
	const struct hash *how;
	struct span  gs2;
	const char  *binding, *authzid;
} scrams[] = {
	{ "SCRAM-SHA-1", &sha1, S("n,,"), NULL, NULL },
	{ "SCRAM-SHA-256", &sha256, S("n,,"), NULL, NULL },
	{ "SCRAM-SHA-256", &sha256, S("n,a=a=2Cb,"), NULL, "a,b" },
	{ "SCRAM-SHA-1-PLUS", &sha1, S("p=tls-unique,,"), "tls-unique",
	    NULL },
	{ "SCRAM-SHA-256-PLUS", &sha256, S("p=tls-exporter,,"),
	    "tls-exporter", NULL },
};

static void
test_scram(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * (sizeof scrams / sizeof *scrams); i++) {
		const struct scram_case *row = &scrams[i / 2];
		struct sasl_ask ask = ask_of(row->mechanism, "user", "pencil");
		struct client   client;
		struct buf      sign = buf_new(100);

		ask.binding = span_of(row->binding);
		ask.authzid = span_of(row->authzid);
		client = begin(&ask);
		serve_scram(&client, row->how, row->gs2, ask.bound, &sign);
		assert_false(engine->proven(client.sasl, &client.fault));
		if (i % 2 == 1)
			sign.ptr[5] = sign.ptr[5] == 'x' ? 'y' : 'x';
		else if (i % 4 == 0)
			buf_add(&sign, SPAN(",x=extension"));
		assert_int_equal(hear(&client, buf_span(&sign)).len, 0);
		assert_int_equal(client.step, i % 2 == 1 ? SASL_STEP_FAILED :
		    SASL_STEP_SEND);
		if (i % 2 == 1)
			assert_non_null(strstr(client.fault.text,
			    "its signature is wrong"));
		assert_int_equal(engine->proven(client.sasl, &client.fault),
		    i % 2 == 0);
		buf_free(&sign);
		finish(&client);
	}
}

/* %s is our nonce. */
static const struct first_case {
	const char *message, *why;
} firsts[] = {
	{ "", "has no nonce" },
	{ "x", "has no nonce" },
	{ "r=", "does not go on with our nonce" },
	{ "r=%s", "adds nothing to our nonce" },
	{ "r=fyko+d2lbbFgONRv9qkxdawL,s=QQ==,i=4096",
	    "does not go on with our nonce" },
	{ "r=x%s,s=QQ==,i=4096", "does not go on with our nonce" },
	{ "r=%sx y,s=QQ==,i=4096", "octets that are none" },
	{ "r=%s\x80,s=QQ==,i=4096", "octets that are none" },
	{ "m=x,r=%sx,s=QQ==,i=4096", "extension (m=)" },
	{ "r=%sx", "has no salt" },
	{ "r=%sx,i=4096,s=QQ==", "has no salt" },
	{ "r=%sx,s=,i=4096", "not base64" },
	{ "r=%sx,s=QQ,i=4096", "not base64" },
	{ "r=%sx,s=*,i=4096", "not base64" },
	{ "r=%sx,s=QQ==", "has no iteration count" },
	{ "r=%sx,s=QQ==,", "has no iteration count" },
	{ "r=%sx,s=QQ==,i=", "no number above 0" },
	{ "r=%sx,s=QQ==,i=0", "no number above 0" },
	{ "r=%sx,s=QQ==,i=-1", "no number above 0" },
	{ "r=%sx,s=QQ==,i=0x10", "no number above 0" },
	{ "r=%sx,s=QQ==,i=10 ", "no number above 0" },
	{ "r=%sx,s=QQ==,i=10000001", "LIMIT_SASL_ITERATIONS" },
	{ "r=%sx,s=QQ==,i=4294967297", "LIMIT_SASL_ITERATIONS" },
	{ "r=%sx,s=QQ==,i=99999999999999999999999", "LIMIT_SASL_ITERATIONS" },
	{ "e=unknown-user", "ends SCRAM with unknown-user" },
	{ "e=<script>,x", "ends SCRAM with an error without a name" },
	{ "e=", "ends SCRAM with an error without a name" },
};

static void
check_first(const struct first_case *row, struct client *client)
{
	char        message[300], nonce[100];
	struct span said = hear(client, nothing);
	size_t      at = span_find(said, SPAN(",r=")) + 3;
	const char *gap = strstr(row->message, "%s");

	(void)snprintf(nonce, sizeof nonce, "%.*s",
	    SPAN_ARG(span_from(said, at)));
	if (gap == NULL)
		(void)snprintf(message, sizeof message, "%s", row->message);
	else
		(void)snprintf(message, sizeof message, "%.*s%s%s",
		    (int)(gap - row->message), row->message, nonce, gap + 2);
	(void)hear(client, span_of(message));
	assert_int_equal(client->step, SASL_STEP_FAILED);
	if (strstr(client->fault.text, row->why) == NULL)
		fail_msg("%s: %s", row->message, client->fault.text);
}

static void
test_firsts(void **state)
{
	struct sasl_ask ask = ask_of("SCRAM-SHA-256", "user", "pencil");

	(void)state;
	for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
		struct client client = begin(&ask);

		check_first(&firsts[i], &client);
		finish(&client);
	}
}

static const char *const finals[] = { "", "v", "v=", "v=*", "v=QQ==",
    "V=QQ==", "e=invalid-proof", "e=", "v=\0x", "nonsense",
    "v=,6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=" };

static void
test_finals(void **state)
{
	struct sasl_ask ask = ask_of("SCRAM-SHA-256", "user", "pencil");

	(void)state;
	for (size_t i = 0; i < sizeof finals / sizeof *finals; i++) {
		struct client client = begin(&ask);
		struct buf    sign = buf_new(100);

		serve_scram(&client, &sha256, SPAN("n,,"), nothing, &sign);
		(void)hear(&client, span_of(finals[i]));
		assert_int_equal(client.step, SASL_STEP_FAILED);
		assert_false(engine->proven(client.sasl, &client.fault));
		buf_free(&sign);
		finish(&client);
	}
}

static void
test_slow(void **state)
{
	static const struct { const char *count; bool slow; } rows[] = {
		{ "1", false }, { "1000", false }, { "1001", true },
		{ "4096", true },
		{ "10000000", true }, { "10000001", false },
		{ "99999999999999999999999", false },
		{ "0", false }, { "", false },
	};
	struct sasl_ask ask = ask_of("SCRAM-SHA-256", "user", "pencil");
	struct client   client = begin(&ask);
	struct buf      first = buf_new(200);
	struct span     nonce;

	(void)state;
	assert_false(engine->slow(client.sasl, nothing));
	nonce = hear(&client, nothing);
	nonce = span_from(nonce, span_find(nonce, SPAN(",r=")) + 3);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		buf_clear(&first);
		buf_addf(&first, "r=%.*sx,s=QQ==,i=%s", SPAN_ARG(nonce),
		    rows[i].count);
		assert_int_equal(engine->slow(client.sasl, buf_span(&first)),
		    rows[i].slow);
	}
	/* What was computed once takes no time. */
	buf_clear(&first);
	buf_addf(&first, "r=%.*sx,s=QQ==,i=4096", SPAN_ARG(nonce));
	(void)hear(&client, buf_span(&first));
	assert_int_equal(client.step, SASL_STEP_SEND);
	finish(&client);
	for (int i = 0; i < 3; i++) {
		if (i == 1)
			ask.password = SPAN("pencils");
		if (i == 2)
			ask.mechanism = sasl_find(SPAN("SCRAM-SHA-1"));
		client = begin(&ask);
		nonce = hear(&client, nothing);
		nonce = span_from(nonce, span_find(nonce, SPAN(",r=")) + 3);
		buf_clear(&first);
		buf_addf(&first, "r=%.*sx,s=QQ==,i=4096", SPAN_ARG(nonce));
		assert_int_equal(engine->slow(client.sasl, buf_span(&first)),
		    i > 0);
		finish(&client);
	}
	buf_free(&first);
}

/* ---- the server's side ---- */

static struct span
password_of(void *who, struct span user)
{
	(void)who;
	return span_is(user, "alice") ? SPAN("secret-a") : nothing;
}

static struct sasl_host
host_of(const char *mechanism)
{
	struct sasl_host host = {
		.mechanism = sasl_find(span_of(mechanism)),
		.name = "mx.example.test", .password = password_of
	};

	if ((host.mechanism->traits & SASL_BINDING) != 0) {
		host.binding = SPAN("tls-exporter");
		host.bound = SPAN("0123456789\0bcdef0123456789abcdef");
	}
	return host;
}

/* Both sides talk to the end: is the client let in? */
static bool
let_in(const struct sasl_ask *ask, const struct sasl_host *host)
{
	struct fault   fault = { 0 };
	struct sasl   *server = engine->server(host, &fault);
	struct client  client = begin(ask);
	struct buf     out = buf_new(4096);
	enum sasl_step step;
	struct span    in = hear(&client, nothing);
	bool           proven;

	assert_non_null(server);
	if (client.step == SASL_STEP_SILENT)
		in = nothing;
	while ((step = engine->step(server, in, &out, &fault)) ==
	    SASL_STEP_SEND || step == SASL_STEP_SILENT) {
		in = hear(&client, out.len > 0 ? buf_span(&out) : SPAN(""));
		assert_int_equal(client.step, SASL_STEP_SEND);
		buf_clear(&out);
	}
	if (step == SASL_STEP_OVER && out.len > 0) {
		assert_int_equal(hear(&client, buf_span(&out)).len, 0);
		assert_int_equal(client.step, SASL_STEP_SEND);
	}
	if (step == SASL_STEP_OVER)
		check_span("user", engine->user(server), ask->user);
	else
		assert_int_equal(fault.class, FAULT_SASL);
	proven = engine->proven(client.sasl, &fault);
	assert_true(proven || step != SASL_STEP_OVER);
	buf_free(&out);
	engine->end(server);
	finish(&client);
	return step == SASL_STEP_OVER;
}

static void
test_server(void **state)
{
	(void)state;
	for (size_t i = 0; sasl_mechanisms[i].name != NULL; i++) {
		const char *name = sasl_mechanisms[i].name;
		struct sasl_host host;
		struct sasl_ask  ask;

		if ((sasl_mechanisms[i].traits & SASL_SERVER) == 0)
			continue;
		host = host_of(name);
		for (int first = 0; first < 2; first++) {
			ask = ask_of(name, "alice", "secret-a");
			if (strncmp(name, "CRAM", 4) != 0)
				ask.first = first;
			assert_true(let_in(&ask, &host));
			ask.password = SPAN("secret-b");
			assert_false(let_in(&ask, &host));
			ask.user = SPAN("mallory");
			assert_false(let_in(&ask, &host));
		}
		if ((sasl_mechanisms[i].traits & SASL_AUTHZID) == 0)
			continue;
		ask = ask_of(name, "alice", "secret-a");
		ask.authzid = SPAN("alice");
		assert_true(let_in(&ask, &host));
		ask.authzid = SPAN("bob");
		assert_false(let_in(&ask, &host));
		ask.authzid = nothing;
		ask.bound = SPAN("of another connection");
		assert_int_equal(let_in(&ask, &host),
		    (sasl_mechanisms[i].traits & SASL_BINDING) == 0);
	}
}

static const struct response {
	const char *mechanism;
	struct span in;
	bool        credentials;        /* wrong ones; else no response at all */
} responses[] = {
	{ "PLAIN", S(""), false }, { "PLAIN", S("alice"), false },
	{ "PLAIN", S("\0"), false }, { "PLAIN", S("\0alice"), false },
	{ "PLAIN", S("\0alice\0secret-a\0"), false },
	{ "PLAIN", S("\0alice\0"), true }, { "PLAIN", S("\0\0"), true },
	{ "PLAIN", S("\0alice\0\xff"), true },
	{ "PLAIN", S("bob\0alice\0secret-a"), true },
	{ "LOGIN", S(""), true }, { "LOGIN", S("alice\0"), false },
	{ "CRAM-MD5", S("alice"), false }, { "CRAM-MD5", S(""), false },
	{ "CRAM-MD5", S("alice 00000000000000000000000000000000"), true },
	{ "CRAM-MD5", S("alice\0 00000000000000000000000000000000"), false },
	{ "SCRAM-SHA-256", S("n,,n=alice,r="), false },
	{ "SCRAM-SHA-256", S("n,,n=,r=abcdefghijkl"), false },
	{ "SCRAM-SHA-256", S("p=tls-exporter,,n=alice"), false },
	{ "SCRAM-SHA-256-PLUS", S("n,,n=alice,r=abcdefgh"), true },
	{ "SCRAM-SHA-256-PLUS", S("p=tls-none,,n=alice,r=abcdefgh"), true },
	{ "SCRAM-SHA-256-PLUS", S("p=tls-unique,,n=alice,r=abcdefgh"), false },
};

static void
test_responses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof responses / sizeof *responses; i++) {
		const struct response *row = &responses[i];
		struct sasl_host host = host_of(row->mechanism);
		struct fault     fault = { 0 };
		struct sasl     *server = engine->server(&host, &fault);
		struct buf       out = buf_new(4096);

		(void)engine->step(server, nothing, &out, &fault);
		if (engine->step(server, row->in, &out, &fault) !=
		    SASL_STEP_FAILED)
			fail_msg("%zu %s goes on", i, row->mechanism);
		if (fault.class != (row->credentials ? FAULT_SASL :
		    FAULT_SCENARIO))
			fail_msg("%zu %s: %s", i, row->mechanism, fault.text);
		engine->end(server);
		buf_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dialogues), cmocka_unit_test(test_early),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_prepared), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_large), cmocka_unit_test(test_status),
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_digest_computed),
		cmocka_unit_test(test_our_scram),
		cmocka_unit_test(test_scram), cmocka_unit_test(test_firsts),
		cmocka_unit_test(test_finals), cmocka_unit_test(test_slow),
		cmocka_unit_test(test_server),
		cmocka_unit_test(test_responses)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
