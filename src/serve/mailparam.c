/* Words of a line, each looked up in the table; values are checked as the RFC
 * of their extension has it. Nothing is kept but what the server acts on. */
#include "serve/mailparam.h"

#include "serve/mailpath.h"

enum { ENVID_MAX = 100, ORCPT_MAX = 500,        /* RFC 3461 4.4, 4.2 */
	AUTH_MAX = 500 };                       /* RFC 4954 3 */

static bool
is_alnum(char octet)
{
	return (octet >= '0' && octet <= '9') || (octet >= 'a' && octet <= 'z') ||
	    (octet >= 'A' && octet <= 'Z');
}

static bool
is_keyword(struct span in)
{
	size_t i;

	if (in.len == 0 || in.ptr[0] == '-')
		return false;
	for (i = 0; i < in.len; i++)
		if (!is_alnum(in.ptr[i]) && in.ptr[i] != '-')
			return false;
	return true;
}

static bool
is_hex(char octet)
{
	return (octet >= '0' && octet <= '9') || (octet >= 'A' && octet <= 'F');
}

/* xtext = *( %d33-42 / %d44-60 / %d62-126 / "+" 2HEXDIG ), RFC 3461 4; with
 * `utf8` also characters beyond ASCII (RFC 6533). */
static bool
is_xtext(struct span in, bool utf8)
{
	size_t i = 0;

	while (i < in.len) {
		unsigned char octet = (unsigned char)in.ptr[i];
		size_t        wide = octet < 0x80 ? 0 :
		    span_utf8(span_from(in, i), NULL);

		if (octet == '+') {
			if (i + 2 >= in.len || !is_hex(in.ptr[i + 1]) ||
			    !is_hex(in.ptr[i + 2]))
				return false;
			i += 3;
		} else if (utf8 && wide > 0) {
			i += wide;
		} else if (octet < '!' || octet > '~' || octet == '=') {
			return false;
		} else {
			i++;
		}
	}
	return true;
}

static bool
read_size(struct span value, struct mailparams *out)
{
	/* size-value = 1*20DIGIT may be beyond 64 bits: just very big then. */
	size_t i;

	for (i = 0; i < value.len; i++)
		if (value.ptr[i] < '0' || value.ptr[i] > '9')
			return false;
	if (!span_u64(value, &out->size))
		out->size = UINT64_MAX;
	return value.len >= 1 && value.len <= 20;
}

static bool
read_body(struct span value, struct mailparams *out)
{
	out->binary = span_eq_nocase(value, SPAN("BINARYMIME"));
	return out->binary || span_eq_nocase(value, SPAN("7BIT")) ||
	    span_eq_nocase(value, SPAN("8BITMIME"));
}

static bool
read_smtputf8(struct span value, struct mailparams *out)
{
	out->utf8 = true;
	return value.ptr == NULL;
}

static bool
read_none(struct span value, struct mailparams *out)
{
	(void)out;
	return value.ptr == NULL;
}

static bool
read_ret(struct span value, struct mailparams *out)
{
	(void)out;
	return span_eq_nocase(value, SPAN("FULL")) ||
	    span_eq_nocase(value, SPAN("HDRS"));
}

static bool
read_envid(struct span value, struct mailparams *out)
{
	(void)out;
	return value.len >= 1 && value.len <= ENVID_MAX &&
	    is_xtext(value, false);
}

/* "NEVER" or a list of SUCCESS, FAILURE, DELAY. */
static bool
read_notify(struct span value, struct mailparams *out)
{
	struct span word, rest = value;

	(void)out;
	if (span_eq_nocase(value, SPAN("NEVER")))
		return true;
	if (value.len == 0 || value.ptr[value.len - 1] == ',')
		return false;
	while (span_word(&rest, ",", &word))
		if (!span_eq_nocase(word, SPAN("SUCCESS")) &&
		    !span_eq_nocase(word, SPAN("FAILURE")) &&
		    !span_eq_nocase(word, SPAN("DELAY")))
			return false;
	return true;
}

/* addr-type ";" xtext */
static bool
read_orcpt(struct span value, struct mailparams *out)
{
	size_t semicolon = value.len == 0 ? SIZE_MAX : span_chr(value, ';');

	return semicolon != SIZE_MAX && value.len <= ORCPT_MAX &&
	    is_keyword(span_sub(value, 0, semicolon)) &&
	    semicolon + 1 < value.len &&
	    is_xtext(span_from(value, semicolon + 1), out->utf8);
}

static bool
is_digits(struct span in, size_t max)
{
	for (size_t i = 0; i < in.len; i++)
		if (in.ptr[i] < '0' || in.ptr[i] > '9')
			return false;
	return in.len >= 1 && in.len <= max;
}

/* by-time ";" by-mode [ "T" ], by-time = [ "-" / "+" ] 1*9DIGIT, by-mode =
 * "N" / "R"; a return needs time that is left (RFC 2852 4). */
static bool
read_by(struct span value, struct mailparams *out)
{
	size_t      at = value.len == 0 ? SIZE_MAX : span_chr(value, ';');
	struct span time = span_sub(value, 0, at), mode;
	bool        past = span_starts(time, SPAN("-")), returns;
	uint64_t    seconds;

	(void)out;
	if (at == SIZE_MAX)
		return false;
	mode = span_from(value, at + 1);
	time = span_from(time, past || span_starts(time, SPAN("+")));
	returns = mode.len > 0 && (mode.ptr[0] | 0x20) == 'r';
	if (!is_digits(time, 9) || !span_u64(time, &seconds) ||
	    mode.len < 1 || mode.len > 2 || (!returns &&
	    (mode.ptr[0] | 0x20) != 'n') ||
	    (mode.len == 2 && (mode.ptr[1] | 0x20) != 't'))
		return false;
	return !returns || (!past && seconds > 0);
}

static bool
read_holdfor(struct span value, struct mailparams *out)
{
	uint64_t seconds;

	out->holds++;
	return is_digits(value, 9) && span_u64(value, &seconds) &&
	    seconds > 0 && seconds <= MAILPARAM_HOLD_MAX;
}

const char mailparam_hold_until[] = "2099-12-31T23:59:59Z";

static bool
digits2(const char *at, int least, int most)
{
	int value = (at[0] - '0') * 10 + (at[1] - '0');

	return value >= least && value <= most;
}

/* Internet date-time (RFC 3339), here in UTC only. */
static bool
read_holduntil(struct span value, struct mailparams *out)
{
	static const char form[] = "0000-00-00T00:00:00Z";

	out->holds++;
	if (value.len != sizeof form - 1)
		return false;
	for (size_t i = 0; i < value.len; i++)
		if (form[i] == '0' ? value.ptr[i] < '0' || value.ptr[i] > '9' :
		    value.ptr[i] != form[i])
			return false;
	return digits2(value.ptr + 5, 1, 12) && digits2(value.ptr + 8, 1, 31) &&
	    digits2(value.ptr + 11, 0, 23) && digits2(value.ptr + 14, 0, 59) &&
	    digits2(value.ptr + 17, 0, 60) &&
	    memcmp(value.ptr, mailparam_hold_until, value.len) <= 0;
}

/* [ "-" ] 1DIGIT: -9 to 9 (RFC 6710 5). */
static bool
read_priority(struct span value, struct mailparams *out)
{
	(void)out;
	return is_digits(span_from(value, span_starts(value, SPAN("-"))), 1);
}

/* "<>" or a mailbox, as xtext; who it is, nobody here wants to know. */
static bool
read_auth(struct span value, struct mailparams *out)
{
	char            text[AUTH_MAX];
	size_t          len = 0;
	struct mailpath mailbox;

	(void)out;
	if (value.len == 0 || value.len > AUTH_MAX || !is_xtext(value, false))
		return false;
	for (size_t i = 0; i < value.len; i++, len++) {
		text[len] = value.ptr[i];
		if (value.ptr[i] == '+') {
			text[len] = (char)(span_hex(value.ptr[i + 1]) << 4 |
			    span_hex(value.ptr[i + 2]));
			i += 2;
		}
	}
	return span_is((struct span){ text, len }, "<>") ||
	    mailpath_mailbox((struct span){ text, len }, &mailbox);
}

static const struct row {
	const char *name;
	uint8_t     of;         /* set of enum mailparam_of */
	bool        again;      /* a second one is passed over */
	bool        secured;    /* unknown in the clear */
	bool      (*read)(struct span value, struct mailparams *out);
	const char *bad;
} rows[] = {
	{ "SIZE", MAILPARAM_MAIL, false, false, read_size,
	    "501 5.5.4 SIZE wants a number" },
	{ "BODY", MAILPARAM_MAIL, false, false, read_body,
	    "501 5.5.4 BODY is 7BIT, 8BITMIME or BINARYMIME" },
	/* CPython's smtplib sends it twice. */
	{ "SMTPUTF8", MAILPARAM_MAIL, true, false, read_smtputf8,
	    "501 5.5.4 SMTPUTF8 takes no value" },
	{ "RET", MAILPARAM_MAIL, false, false, read_ret,
	    "501 5.5.4 RET is FULL or HDRS" },
	{ "ENVID", MAILPARAM_MAIL, false, false, read_envid,
	    "501 5.5.4 ENVID wants xtext" },
	{ "BY", MAILPARAM_MAIL, false, false, read_by,
	    "501 5.5.4 BY is a time and N or R: 120;R" },
	{ "HOLDFOR", MAILPARAM_MAIL, false, false, read_holdfor,
	    "501 5.5.4 HOLDFOR is 1 to 86400 seconds" },
	{ "HOLDUNTIL", MAILPARAM_MAIL, false, false, read_holduntil,
	    "501 5.5.4 HOLDUNTIL is 2027-01-31T12:00:00Z, to 2099" },
	{ "MT-PRIORITY", MAILPARAM_MAIL, false, false, read_priority,
	    "501 5.5.4 MT-PRIORITY is -9 to 9" },
	{ "AUTH", MAILPARAM_MAIL, false, false, read_auth,
	    "501 5.5.4 AUTH is <> or a mailbox, as xtext" },
	/* Nobody promises TLS where there is none (RFC 8689 2). */
	{ "REQUIRETLS", MAILPARAM_MAIL, false, true, read_none,
	    "501 5.5.4 REQUIRETLS takes no value" },
	{ "NOTIFY", MAILPARAM_RCPT, false, false, read_notify,
	    "501 5.5.4 NOTIFY is NEVER or of SUCCESS,FAILURE,DELAY" },
	{ "ORCPT", MAILPARAM_RCPT, false, false, read_orcpt,
	    "501 5.5.4 ORCPT wants type;xtext" },
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static const char *
read_one(struct span word, enum mailparam_of of, struct mailparams *out)
{
	size_t      equals = span_chr(word, '=');
	struct span name = span_sub(word, 0, equals);
	struct span value = { NULL, 0 };
	size_t      i;

	if (equals != SIZE_MAX)
		value = span_from(word, equals + 1);
	if (!is_keyword(name))
		return "501 5.5.4 Malformed parameter";
	for (i = 0; i < ROWS; i++) {
		if ((rows[i].of & of) == 0 ||
		    (rows[i].secured && !out->secured) ||
		    (rows[i].read == read_auth && !out->auth) ||
		    !span_eq_nocase(name, span_of(rows[i].name)))
			continue;
		if ((out->seen & UINT32_C(1) << i) != 0 && !rows[i].again)
			return "501 5.5.4 Parameter given twice";
		out->seen |= UINT32_C(1) << i;
		return rows[i].read(value, out) ? NULL : rows[i].bad;
	}
	return "555 5.5.4 Parameter not recognized";
}

const char *
mailparam_read(struct span in, enum mailparam_of of, struct mailparams *out)
{
	struct span word;
	const char *refusal = NULL;

	while (refusal == NULL && span_word(&in, " \t", &word))
		if (word.len > 0)
			refusal = read_one(word, of, out);
	/* One or the other (RFC 4865 3). */
	return refusal != NULL || out->holds < 2 ? refusal :
	    "501 5.5.4 HOLDFOR or HOLDUNTIL, not both";
}
