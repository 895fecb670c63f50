/*
 * The option of a fault, read. The grammar stands in faults.h; what is wrong
 * is said in one sentence, with the word that was most likely meant.
 */
#include "base/limits.h"
#include "base/mem.h"
#include "model/build.h"
#include "serve/guest.h"

enum {
	SPEC_MAX = 600,
	TEXT_MAX = 400,                 /* a reply line has 512 octets */
	WORDS_MAX = 64
};

static bool
wrong(struct fault *fault, const char *what, struct span word,
    const char *near, const char *want)
{
	if (near != NULL)
		return fault_set(fault, FAULT_USAGE,
		    "'%.*s' is no %s; did you mean '%s'?",
		    word.len < 60 ? (int)word.len : 60, word.ptr, what, near);
	return fault_set(fault, FAULT_USAGE, "'%.*s' is no %s; %s",
	    word.len < 60 ? (int)word.len : 60, word.ptr, what, want);
}

static bool
is_code(struct span kind)
{
	uint64_t code;

	return kind.len == 3 && span_u64(kind, &code);
}

static bool
read_kind(struct span kind, struct faults_item *item, struct fault *fault)
{
	const char *words[WORDS_MAX];
	size_t      count = 0;

	if (is_code(kind)) {
		uint64_t code = 0;

		(void)span_u64(kind, &code);
		item->row = &faults_code;
		item->number = (uint32_t)code;
		return true;
	}
	for (const struct faults_row *row = faults_rows; row->name != NULL;
	    row++) {
		if (span_is(kind, row->name)) {
			item->row = row;
			item->number = row->number;
			return true;
		}
		words[count++] = row->name;
	}
	if (span_chr(kind, '#') != SIZE_MAX || span_chr(kind, '/') != SIZE_MAX)
		return wrong(fault, "fault", kind, NULL, "a number stands "
		    "behind a place, as in drop@any#3");
	return wrong(fault, "fault", kind, span_nearest(kind, words, count),
	    "want delay=500ms, drop, 451@RCPT or such");
}

/* "1", "2+", "2..4" */
static bool
read_range(struct span text, struct faults_range *range)
{
	size_t   dots = span_find(text, SPAN(".."));
	uint64_t first = 0, last = 0;
	bool     good;

	if (dots != SIZE_MAX) {
		good = span_u64(span_sub(text, 0, dots), &first) &&
		    span_u64(span_from(text, dots + 2), &last);
	} else if (span_ends(text, SPAN("+"))) {
		good = span_u64(span_sub(text, 0, text.len - 1), &first);
		last = UINT32_MAX;
	} else {
		good = span_u64(text, &first);
		last = first;
	}
	if (!good || first == 0 || first > last || last > UINT32_MAX)
		return false;
	*range = (struct faults_range){ (uint32_t)first, (uint32_t)last };
	return true;
}

static bool
read_word(struct span word, struct faults_item *item, struct fault *fault)
{
	static const char *const names[] = { [FAULTS_ANY] = "any",
		[FAULTS_BANNER] = "banner", [FAULTS_BODY] = "body",
		[FAULTS_TLS] = "tls" };
	const char *words[WORDS_MAX];
	const char *name;
	size_t      count = 0;

	if (span_is(word, "."))
		word = SPAN("body");
	for (; count < sizeof names / sizeof names[0]; count++) {
		words[count] = names[count];
		if (span_eq_nocase(word, span_of(names[count]))) {
			item->place = (uint32_t)count;
			return true;
		}
	}
	for (uint32_t i = 0; count < WORDS_MAX &&
	    (name = command_name(i)) != NULL; i++) {
		words[count++] = name;
		if (span_eq_nocase(word, span_of(name))) {
			item->place = FAULTS_COMMANDS + i;
			return true;
		}
	}
	return wrong(fault, "place of a fault", word,
	    span_nearest(word, words, count),
	    "want any, banner, body, tls or a command");
}

static bool
read_place(struct span text, struct faults_item *item, struct fault *fault)
{
	static const char want[] =
	    "want a number from 1 on, such as 2, 2+ or 2..4";
	size_t      slash = span_chr(text, '/');
	struct span client = span_from(text, slash == SIZE_MAX ? text.len :
	    slash + 1);
	size_t      hash;
	struct span nth;

	text = span_sub(text, 0, slash);
	hash = span_chr(text, '#');
	nth = span_from(text, hash == SIZE_MAX ? text.len : hash + 1);
	if (slash != SIZE_MAX && !read_range(client, &item->client))
		return wrong(fault, "number of a connection", client, NULL,
		    want);
	if (hash != SIZE_MAX && !read_range(nth, &item->nth))
		return wrong(fault, "number of an answer", nth, NULL, want);
	return read_word(span_sub(text, 0, hash), item, fault);
}

static bool
read_number(struct span value, struct faults_item *item, struct fault *fault)
{
	const struct faults_row *row = item->row;
	uint64_t octets = 0;

	if (row->value == FAULTS_MS) {
		if (!duration_parse(value, &item->number) ||
		    item->number == 0 ||
		    item->number > LIMIT_SERVE_FAULT_MS)
			return wrong(fault, "duration of a fault", value, NULL,
			    "want 1ms to 1h, such as 500ms");
		return true;
	}
	if (!size_parse(value, &octets) || octets == 0 || octets > MIB)
		return wrong(fault, "number of octets", value, NULL,
		    "want 1 to 1MiB");
	item->number = (uint32_t)octets;
	return true;
}

static bool
is_text(struct span text)
{
	for (size_t i = 0; i < text.len;) {
		size_t len = span_utf8(span_from(text, i), NULL);

		if (len == 0 || (unsigned char)text.ptr[i] < ' ' ||
		    text.ptr[i] == 0x7f)
			return false;
		i += len;
	}
	return text.len <= TEXT_MAX;
}

/* Greetings carry no enhanced code (RFC 2034 4). */
static bool
is_greeting(uint32_t place)
{
	struct span name = place < FAULTS_COMMANDS ? SPAN("") :
	    span_of(command_name(place - FAULTS_COMMANDS));

	return place == FAULTS_BANNER || span_ends(name, SPAN("HLO")) ||
	    span_is(name, "HELO");
}

static void
keep_text(struct faults_item *item, struct span value)
{
	struct buf text = buf_new(SPEC_MAX);
	uint32_t   class = item->number / 100;

	if (item->row == &faults_code) {
		buf_addf(&text, "%03u ", (unsigned)item->number);
		if (value.len == 0 && (class == 2 || class == 4 ||
		    class == 5) && !is_greeting(item->place))
			buf_addf(&text, "%u.0.0 ", (unsigned)class);
		if (value.len == 0)
			value = SPAN("Asked for with --fault");
	} else if (value.len == 0) {
		value = span_of(item->row->text);
	}
	buf_add(&text, value);
	item->text = mem_alloc(text.len + 1);
	memcpy(item->text, text.ptr, text.len);
	buf_free(&text);
}

/* `value` NULL: there is none. */
static bool
read_value(const struct span *value, struct faults_item *item,
    struct fault *fault)
{
	const struct faults_row *row = item->row;

	if (value == NULL && row->needed)
		return fault_set(fault, FAULT_USAGE,
		    "the fault '%s' wants a value: %s", row->name, row->usage);
	if (value != NULL && row->value == FAULTS_NO_VALUE)
		return fault_set(fault, FAULT_USAGE,
		    "the fault '%s' takes no value", row->name);
	if (row->value == FAULTS_TEXT) {
		if (value != NULL && (value->len == 0 || !is_text(*value)))
			return fault_set(fault, FAULT_USAGE, "the text of a "
			    "fault is 1 to %d octets of UTF-8 on one line",
			    (int)TEXT_MAX);
		keep_text(item, value == NULL ? SPAN("") : *value);
		return true;
	}
	return value == NULL || read_number(*value, item, fault);
}

static struct span
behind(struct span *text, size_t at)
{
	struct span rest = span_from(*text, at + 1);

	text->len = at;
	return rest;
}

static size_t
last_of(struct span text, char octet)
{
	for (size_t i = text.len; i > 0; i--)
		if (text.ptr[i - 1] == octet)
			return i - 1;
	return SIZE_MAX;
}

bool
faults_parse(const char *spec, struct faults_item *item, struct fault *fault)
{
	struct span text = span_of(spec), place = { "any", 3 }, value;
	size_t      at = last_of(text, '@'), equals;

	*item = (struct faults_item){ .nth = { 1, UINT32_MAX },
		.client = { 1, UINT32_MAX } };
	if (text.len > SPEC_MAX)
		return fault_set(fault, FAULT_USAGE, "a fault of %zu octets is "
		    "longer than %d", text.len, (int)SPEC_MAX);
	if (at != SIZE_MAX)
		place = behind(&text, at);
	equals = span_chr(text, '=');
	if (equals != SIZE_MAX)
		value = behind(&text, equals);
	if (!read_kind(text, item, fault) || !read_place(place, item, fault))
		return false;
	if (item->place == FAULTS_TLS && !item->row->tls)
		return fault_set(fault, FAULT_USAGE, "the fault '%.*s' cannot "
		    "be at 'tls': a handshake has no replies", SPAN_ARG(text));
	return read_value(equals == SIZE_MAX ? NULL : &value, item, fault);
}

void
faults_item_free(struct faults_item *item)
{
	mem_free(item->text);
	item->text = NULL;
}
