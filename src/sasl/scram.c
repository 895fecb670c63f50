/*
 * SCRAM (RFC 5802, RFC 7677), and what a server may say in it. libgsasl reads
 * the messages once more, but takes some that it should not, and counts
 * iterations without an end.
 *
 *   server-first = [ "m=" ... "," ] "r=" nonce ",s=" salt ",i=" number
 *                  [ "," extensions ]
 *   server-final = ( "e=" error / "v=" signature ) [ "," extensions ]
 */
#include "base/limits.h"
#include "model/filter.h"
#include "sasl/sasl_own.h"

enum { ROUND_FIRST, ROUND_FINAL, ROUND_PROOF };

static bool
field_cut(struct span *rest, const char *name, struct span *value)
{
	return span_word(rest, ",", value) && span_starts(*value,
	    span_of(name)) && (*value = span_from(*value, strlen(name)), true);
}

/* posit-number, RFC 5802 7; what is larger than the type has is UINT64_MAX. */
static uint64_t
count_read(struct span in)
{
	uint64_t count = 0;

	if (in.len == 0 || in.ptr[0] == '0')
		return 0;
	for (size_t i = 0; i < in.len; i++)
		if (in.ptr[i] < '0' || in.ptr[i] > '9')
			return 0;
	return span_u64(in, &count) ? count : UINT64_MAX;
}

static bool
is_printable(struct span in)
{
	for (size_t i = 0; i < in.len; i++)
		if (in.ptr[i] <= ' ' || in.ptr[i] > '~')
			return false;
	return true;
}

static bool
is_base64(struct span in)
{
	struct buf room = buf_new(LIMIT_SASL);
	bool       fine = in.len > 0 && base64_decode(in, &room);

	buf_free(&room);
	return fine;
}

/* What is wrong with a server's first message; NULL: nothing. */
static const char *
first_wrong(const struct sasl *sasl, struct span in, uint64_t *count,
    struct span *salt)
{
	struct span ours = span_of(sasl->nonce), nonce, number;

	*count = 0;
	if (span_starts(in, SPAN("m=")))
		return "asks for an extension (m=) that there is none of";
	if (!field_cut(&in, "r=", &nonce))
		return "has no nonce (r=)";
	if (!is_printable(nonce))
		return "has a nonce with octets that are none of a nonce";
	if (!span_starts(nonce, ours))
		return "does not go on with our nonce";
	if (nonce.len == ours.len)
		return "adds nothing to our nonce";
	if (!field_cut(&in, "s=", salt))
		return "has no salt (s=)";
	if (!is_base64(*salt))
		return "has a salt that is not base64";
	if (!field_cut(&in, "i=", &number))
		return "has no iteration count (i=)";
	*count = count_read(number);
	return *count == 0 ? "has an iteration count that is no number above "
	    "0" : NULL;
}

Gsasl_hash
scram_hash(const struct sasl_mechanism *mechanism)
{
	return span_starts(span_of(mechanism->name), SPAN("SCRAM-SHA-1")) ?
	    GSASL_HASH_SHA1 : GSASL_HASH_SHA256;
}

/* `salt` gets the decoded one, which `of` has a part of. */
static void
keys_of(const struct sasl *sasl, struct span text, uint64_t count,
    struct buf *salt, struct keys_of *of)
{
	const char *password = gsasl_property_fast(sasl->session,
	    GSASL_PASSWORD);

	(void)base64_decode(text, salt);
	*of = (struct keys_of){ .hash = scram_hash(sasl->mechanism),
	    .iterations = (unsigned)count, .salt = buf_span(salt),
	    .password = span_of(password) };
}

bool
scram_slow(const struct sasl *sasl, struct span in)
{
	struct buf     salt = buf_new(LIMIT_SASL);
	struct span    text;
	struct keys_of of;
	uint64_t       count;
	bool           slow;

	if (sasl->round != ROUND_FINAL || in.len > LIMIT_SASL ||
	    first_wrong(sasl, in, &count, &text) != NULL ||
	    count <= LIMIT_SASL_QUICK || count > LIMIT_SASL_ITERATIONS)
		return false;
	keys_of(sasl, text, count, &salt, &of);
	slow = !keys_known(&of);
	buf_free(&salt);
	return slow;
}

/* libgsasl takes it from there, and makes no iteration itself. */
static int
give_keys(const struct sasl *sasl, struct span text, uint64_t count)
{
	static const char digits[] = "0123456789abcdef";
	struct buf     salt = buf_new(LIMIT_SASL);
	char           hex[2 * GSASL_HASH_MAX_SIZE];
	struct keys_of of;
	struct keys    keys;
	int            rc;

	keys_of(sasl, text, count, &salt, &of);
	rc = keys_make(&of, &keys);
	buf_free(&salt);
	for (size_t i = 0; i < keys.len; i++) {
		hex[2 * i] = digits[(unsigned char)keys.salted[i] >> 4];
		hex[2 * i + 1] = digits[keys.salted[i] & 15];
	}
	if (rc == GSASL_OK)
		rc = gsasl_property_set_raw(sasl->session,
		    GSASL_SCRAM_SALTED_PASSWORD, hex, 2 * keys.len);
	explicit_bzero(&keys, sizeof keys);
	explicit_bzero(hex, sizeof hex);
	return rc;
}

/* "e=invalid-proof": the server's word, if it is one; half of one could be
 * half of a secret. */
static enum sasl_step
server_error(struct span in, struct fault *fault)
{
	struct span word = { "", 0 };
	size_t      len = 0;

	in = span_from(in, 2);
	(void)span_word(&in, ",", &word);
	while (len < word.len && (word.ptr[len] == '-' ||
	    (word.ptr[len] >= 'a' && word.ptr[len] <= 'z')))
		len++;
	if (len == 0 || len < word.len || len > SASL_STATUS_MAX)
		word = SPAN("an error without a name");
	return sasl_failed(fault_set(fault, FAULT_SASL, "the server ends SCRAM "
	    "with %.*s", SPAN_ARG(word)));
}

static enum sasl_step
say_first(struct sasl *sasl, struct buf *out, struct fault *fault)
{
	size_t      from = out->len;
	int         rc = gsasl_run(sasl, SPAN(""), out);
	struct span said, word = { "", 0 };

	if (rc != GSASL_NEEDS_MORE)
		return gsasl_failed(sasl, rc, fault);
	said = span_from(buf_span(out), from);
	while (span_word(&said, ",", &word))
		;
	word = span_from(word, sizeof "r=" - 1);
	if (word.len == 0 || word.len > SCRAM_NONCE_MAX)
		return gsasl_failed(sasl, GSASL_CRYPTO_ERROR, fault);
	memcpy(sasl->nonce, word.ptr, word.len);
	sasl->round = ROUND_FINAL;
	return SASL_STEP_SEND;
}

static enum sasl_step
say_final(struct sasl *sasl, struct span in, struct buf *out,
    struct fault *fault)
{
	uint64_t    count;
	struct span salt;
	const char *wrong = first_wrong(sasl, in, &count, &salt);
	int         rc;

	if (wrong != NULL)
		return sasl_failed(fault_set(fault, FAULT_SASL, "the server's "
		    "first SCRAM message %s", wrong));
	if (count > LIMIT_SASL_ITERATIONS)
		return sasl_failed(fault_set(fault, FAULT_SASL, "the server "
		    "wants more SCRAM iterations than the limit of %d "
		    "(LIMIT_SASL_ITERATIONS)", (int)LIMIT_SASL_ITERATIONS));
	rc = give_keys(sasl, salt, count);
	if (rc == GSASL_OK)
		rc = gsasl_run(sasl, in, out);
	if (rc != GSASL_NEEDS_MORE)
		return gsasl_failed(sasl, rc, fault);
	sasl->round = ROUND_PROOF;
	return SASL_STEP_SEND;
}

static enum sasl_step
hear_proof(struct sasl *sasl, struct span in, struct buf *out,
    struct fault *fault)
{
	int rc;

	if (!span_starts(in, SPAN("v=")))
		return sasl_failed(fault_set(fault, FAULT_SASL, "the server's "
		    "last SCRAM message has no signature (v=)"));
	rc = gsasl_run(sasl, span_sub(in, 0, span_chr(in, ',')), out);
	if (rc != GSASL_OK)
		return sasl_failed(fault_set(fault, FAULT_SASL, "the server "
		    "did not prove that it knows the password: its signature "
		    "is wrong"));
	sasl->over = sasl->proven = true;
	return SASL_STEP_SEND;
}

enum sasl_step
scram_step(struct sasl *sasl, struct span in, struct buf *out,
    struct fault *fault)
{
	enum sasl_step step;

	if (sasl->over)
		return sasl_asks_on(sasl, fault);
	if (sasl->round == ROUND_FIRST)
		return sasl_begins(sasl, in, &step, fault) ?
		    say_first(sasl, out, fault) : step;
	if (span_chr(in, '\0') != SIZE_MAX)
		return sasl_failed(fault_set(fault, FAULT_SASL,
		    "the server's SCRAM message has a NUL"));
	if (span_starts(in, SPAN("e=")))
		return server_error(in, fault);
	return sasl->round == ROUND_FINAL ? say_final(sasl, in, out, fault) :
	    hear_proof(sasl, in, out, fault);
}
