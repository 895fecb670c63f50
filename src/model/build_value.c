/*
 * The readers of values with a type: booleans, numbers, durations, sizes. A
 * number is written plainly: no sign, no leading zero, no blank before its
 * unit, and the whole of it must count.
 */
#include "model/build.h"
#include "model/tls.h"

/* Where one value is needed, `key:` with nothing behind it is none. */
static bool
given_text(struct build *build, const struct node *node, struct span *text,
    bool *late)
{
	if (node->kind != NODE_SCALAR || !node->absent)
		return build_text(build, node, text, late);
	build_error(build, node, DIAG_ID_missing_value, "'%s' needs a value",
	    diag_word(build->diags, node->key));
	return false;
}

bool
build_bool(struct build *build, const struct node *node, bool *out)
{
	struct span text;
	bool        late;

	*out = false;
	if (!given_text(build, node, &text, &late))
		return false;
	if (late)
		return true;
	*out = span_is(text, "true");
	if (*out || span_is(text, "false"))
		return true;
	build_error(build, node, DIAG_ID_wrong_type,
	    "want true or false, not '%s'", diag_word(build->diags, text));
	return false;
}

bool
build_u32(struct build *build, const struct node *node, uint32_t min,
    uint32_t max, uint32_t *out)
{
	struct span text;
	uint64_t    value;
	bool        late;

	*out = min;
	if (!given_text(build, node, &text, &late))
		return false;
	if (late)
		return true;
	if (!span_u64(text, &value) || value < min || value > max ||
	    (text.len > 1 && *text.ptr == '0')) {
		build_error(build, node, DIAG_ID_bad_value,
		    "want a whole number from %u to %u, not '%s'", min, max,
		    diag_word(build->diags, text));
		return false;
	}
	*out = (uint32_t)value;
	return true;
}

/* "12" or "1.5" in thousandths; the rest is the unit. */
static bool
number_cut(struct span text, uint64_t *milli, struct span *unit)
{
	size_t      at = 0, dot;
	struct span whole, part;
	uint64_t    value, scale = 100;

	while (at < text.len && ((text.ptr[at] >= '0' && text.ptr[at] <= '9') ||
	    text.ptr[at] == '.'))
		at++;
	*unit = span_from(text, at);
	text.len = at;
	dot = span_chr(text, '.');
	whole = dot == SIZE_MAX ? text : span_sub(text, 0, dot);
	part = dot == SIZE_MAX ? SPAN("0") : span_from(text, dot + 1);
	if (!span_u64(whole, &value) || value > UINT64_MAX / 4000 ||
	    part.len == 0 || part.len > 3)
		return false;
	*milli = value * 1000;
	for (size_t i = 0; i < part.len; i++, scale /= 10) {
		if (part.ptr[i] < '0' || part.ptr[i] > '9')
			return false;
		*milli += (uint64_t)(part.ptr[i] - '0') * scale;
	}
	return true;
}

struct unit { const char *name; uint64_t size; };

static bool
scale_parse(struct span text, const struct unit *units, uint64_t max,
    uint64_t *out)
{
	struct span unit;
	uint64_t    milli;

	if (!number_cut(text, &milli, &unit))
		return false;
	for (; units->name != NULL; units++)
		if (span_is(unit, units->name)) {
			if (milli > max / units->size * 1000)
				return false;
			*out = milli * units->size / 1000;
			return milli * units->size % 1000 == 0 && *out <= max;
		}
	return false;
}

bool
duration_parse(struct span text, uint32_t *ms)
{
	static const struct unit units[] = { { "ms", 1 }, { "s", 1000 },
		{ "m", 60000 }, { "h", 3600000 }, { NULL, 0 } };
	uint64_t value;

	if (!scale_parse(text, units, INT32_MAX, &value))
		return false;
	*ms = (uint32_t)value;
	return true;
}

bool
size_parse(struct span text, uint64_t *octets)
{
	static const struct unit units[] = { { "", 1 }, { "B", 1 },
		{ "KiB", 1024 }, { "MiB", 1 << 20 }, { "GiB", 1 << 30 },
		{ "KB", 1000 }, { "MB", 1000000 }, { "GB", 1000000000 },
		{ NULL, 0 } };

	return scale_parse(text, units, UINT64_C(1) << 40, octets);
}

bool
build_ms(struct build *build, const struct node *node, uint32_t *out)
{
	struct span text;
	bool        late;

	*out = 0;
	if (!given_text(build, node, &text, &late))
		return false;
	if (late || duration_parse(text, out))
		return true;
	build_error(build, node, DIAG_ID_bad_duration, "bad duration '%s'",
	    diag_word(build->diags, text));
	diag_hint(build->diags, "a number and a unit: 250ms, 10s, 2m, 1h");
	return false;
}

bool
build_span_ms(struct build *build, const struct node *node, uint32_t *out)
{
	bool late_before = build->late, pending_before = build->pending, fine;

	build->late = build->pending = false;
	fine = build_ms(build, node, out);
	if (fine && *out == 0 && !build->late && !build->pending) {
		build_error(build, node, DIAG_ID_bad_value,
		    "a duration of nothing leaves no time at all");
		diag_hint(build->diags, "such as 250ms; leave the key out for "
		    "the default");
		fine = false;
	}
	build->late = build->late || late_before;
	build->pending = build->pending || pending_before;
	return fine;
}

bool
build_size(struct build *build, const struct node *node, uint64_t max,
    uint64_t *out)
{
	struct span text;
	bool        late;

	*out = 0;
	if (!given_text(build, node, &text, &late))
		return false;
	if (late)
		return true;
	if (!size_parse(text, out)) {
		build_error(build, node, DIAG_ID_bad_size, "bad size '%s'",
		    diag_word(build->diags, text));
		diag_hint(build->diags,
		    "a number and a unit: 512, 10KiB, 1MiB");
		return false;
	}
	if (*out > max) {
		build_error(build, node, DIAG_ID_limit,
		    "%.*s is more than the limit of %llu octets",
		    SPAN_ARG(text), (unsigned long long)max);
		return false;
	}
	return true;
}

bool
build_capability(struct build *build, const struct node *node,
    struct span word)
{
	struct span first = span_sub(word, 0, span_chr(word, ' ') == SIZE_MAX ?
	    word.len : span_chr(word, ' '));

	if (!span_eq_nocase(first, SPAN("no")) &&
	    !span_eq_nocase(first, SPAN("not")) &&
	    !span_starts(first, SPAN("!")))
		return true;
	build_error(build, node, DIAG_ID_bad_value,
	    "'%s' is no capability of a server",
	    diag_word(build->diags, word));
	diag_hint(build->diags, "'no SIZE' stands in needs alone, and what a "
	    "reply must not list in lacks");
	return false;
}

bool
build_tls_version(struct build *build, const struct node *node, uint8_t *out)
{
	struct span text;
	bool        late;

	*out = TLS_UNSET;
	if (!build_text(build, node, &text, &late))
		return false;
	if (late)
		return true;
	*out = (uint8_t)tls_version_find(text);
	if (*out != TLS_UNSET)
		return true;
	build_error(build, node, DIAG_ID_bad_value, "'%s' is no TLS version",
	    diag_word(build->diags, text));
	diag_hint(build->diags, "TLSv1.3, TLSv1.2, TLSv1.1 or TLSv1.0");
	return false;
}
