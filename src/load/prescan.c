/*
 * One pass over the octets. Blocks of printable ASCII and line feeds are
 * skipped 64 octets at a time (the loop has no branch, so that compilers make
 * vector code of it); anything else is looked at character by character.
 * After PRESCAN_ERRORS complaints the file is taken for no text.
 */
#include "load/prescan.h"

#include "base/limits.h"

enum { PRESCAN_ERRORS = 20, BLOCK = 64 };

#define BOM SPAN("\xef\xbb\xbf")

struct scan {
	const struct file *file;
	struct arena      *arena;
	struct diags      *diags;
	struct prescan    *out;
	char              *repaired;    /* copy of the text, or NULL */
	size_t             behind;      /* the octets complained of last */
};

/* One complaint for octets that stand side by side: the first is enough. */
static bool
complain_at(struct scan *scan, size_t at, struct loc *loc)
{
	if (scan->out->errors > 0 && scan->behind == at)
		return false;
	scan->out->errors++;
	*loc = loc_at(scan->file, at);
	loc->width = 1;
	return true;
}

/* Puts something harmless of the same length and width in the place of
 * `len` octets at `at`. */
static void
repair(struct scan *scan, size_t at, size_t len, bool one_character)
{
	static const char *const plain[] = { "", "_", "\xc2\xbf",
		"\xef\xbf\xbd" };
	struct span text = scan->file->text;

	scan->behind = at + len;
	if (scan->repaired == NULL) {
		scan->repaired = arena_alloc(scan->arena, text.len + 1);
		memcpy(scan->repaired, text.ptr, text.len);
	}
	if (one_character)
		memcpy(scan->repaired + at, plain[len], len);
	else
		memset(scan->repaired + at, '_', len);
}

static size_t
control_found(struct scan *scan, size_t at)
{
	unsigned octet = (unsigned char)scan->file->text.ptr[at];
	struct loc loc;

	if (complain_at(scan, at, &loc)) {
		diag_error(scan->diags, DIAG_ID_encoding, loc,
		    "control character U+%04X%s in the file", octet,
		    octet == 0 ? " (NUL)" : octet == 0x1b ? " (escape)" :
		    octet == 0x7f ? " (delete)" : "");
		diag_hint(scan->diags, "remove it; to send such an octet use "
		    "write: with '\\x%02X'", octet);
	}
	repair(scan, at, 1, true);
	return 1;
}

static size_t
cr_found(struct scan *scan, size_t at)
{
	struct span text = scan->file->text;
	struct loc  loc;

	if (at + 1 < text.len && text.ptr[at + 1] == '\n')
		return 1;
	if (complain_at(scan, at, &loc)) {
		diag_error(scan->diags, DIAG_ID_bare_cr, loc,
		    "a carriage return without a line feed");
		diag_hint(scan->diags, "YAML ends a line here and most "
		    "editors do not: end lines with a line feed, or with both");
	}
	repair(scan, at, 1, true);
	scan->repaired[at] = ' ';
	return 1;
}

/* Octets at `at` that are no character: one, and what would continue it. */
static size_t
invalid_len(struct span text, size_t at)
{
	size_t len = 1;

	while (at + len < text.len && len < 4 &&
	    ((unsigned char)text.ptr[at] & 0xc0) == 0xc0 &&
	    ((unsigned char)text.ptr[at + len] & 0xc0) == 0x80)
		len++;
	return len;
}

static size_t
invalid_found(struct scan *scan, size_t at)
{
	struct span text = scan->file->text;
	size_t      len = invalid_len(text, at);
	bool        surrogate = len == 3 && text.ptr[at] == '\xed';
	bool        cut = at + len == text.len;
	struct loc  loc;

	if (complain_at(scan, at, &loc)) {
		diag_error(scan->diags, DIAG_ID_encoding, loc, surrogate ?
		    "octet 0x%02X begins half of a surrogate pair, which is "
		    "not UTF-8" : "octet 0x%02X is not UTF-8",
		    (unsigned)(unsigned char)text.ptr[at]);
		diag_hint(scan->diags, len == 1 && !cut ? "the file looks "
		    "like ISO 8859-1 or Windows-1252: save it as UTF-8" :
		    "save the file as UTF-8");
	}
	repair(scan, at, len, false);
	return len;
}

/* What a valid character beyond ASCII may not be; NULL: it is fine. */
static const char *
refused(uint32_t point)
{
	if (point == 0x85 || point == 0x2028 || point == 0x2029)
		return "U+%04X ends a line for YAML and does not for most "
		    "editors";
	if (point < 0xa0)
		return "control character U+%04X in the file";
	if (point == 0xfeff)
		return "a byte order mark (U+%04X) inside the file";
	if (point == 0xfffe || point == 0xffff)
		return "U+%04X is no character";
	return NULL;
}

static size_t
beyond_ascii(struct scan *scan, size_t at)
{
	struct span text = scan->file->text;
	uint32_t    point;
	size_t      len = span_utf8(span_from(text, at), &point);
	const char *format;
	struct loc  loc;

	scan->out->ascii = false;
	if (len == 0)
		return invalid_found(scan, at);
	format = refused(point);
	if (format == NULL)
		return len;
	/* The format is one of refused(), each with one number. */
	if (complain_at(scan, at, &loc)) {
		diag_error(scan->diags, DIAG_ID_encoding, loc, format,
		    (unsigned)point);
		diag_hint(scan->diags, point == 0xfeff ? "two files were "
		    "joined here: remove the invisible character" :
		    "remove it");
	}
	repair(scan, at, len, true);
	return len;
}

/* One character that is not printable ASCII or a line feed; its length. */
static size_t
look(struct scan *scan, size_t at)
{
	unsigned char octet = (unsigned char)scan->file->text.ptr[at];

	if (octet >= 0x80)
		return beyond_ascii(scan, at);
	if (octet == '\r')
		return cr_found(scan, at);
	if (octet == '\t') {
		scan->out->tabs = true;
		return 1;
	}
	if (octet < 0x20 || octet == 0x7f)
		return octet == '\n' ? 1 : control_found(scan, at);
	return 1;
}

static inline bool
octet_odd(unsigned char octet)
{
	return (octet < 0x20 && octet != '\n') || octet >= 0x7f;
}

static bool
block_odd(const char *text)
{
	unsigned char odd = 0;

	for (size_t i = 0; i < BLOCK; i++)
		odd |= octet_odd((unsigned char)text[i]);
	return odd != 0;
}

static void
walk(struct scan *scan, size_t at)
{
	struct span text = scan->file->text;

	while (at < text.len && scan->out->errors < PRESCAN_ERRORS) {
		if (text.len - at >= BLOCK && !block_odd(text.ptr + at)) {
			at += BLOCK;
			continue;
		}
		for (size_t end = at + BLOCK; at < end && at < text.len &&
		    scan->out->errors < PRESCAN_ERRORS; )
			at += octet_odd((unsigned char)text.ptr[at]) ?
			    look(scan, at) : 1;
	}
}

/* UTF-16 and UTF-32, with a byte order mark or by their NUL octets (the first
 * character of a scenario is ASCII). */
static const char *
wide_name(struct span text)
{
	static const struct { char head[4]; size_t len; const char *name; }
	    marks[] = {
		{ "\xff\xfe\0\0", 4, "UTF-32" }, { "\0\0\xfe\xff", 4, "UTF-32" },
		{ "\xff\xfe", 2, "UTF-16" }, { "\xfe\xff", 2, "UTF-16" },
	};
	unsigned nuls = 0;

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (span_starts(text,
		    (struct span){ marks[i].head, marks[i].len }))
			return marks[i].name;
	for (size_t i = 0; i < 4 && text.len >= 4; i++)
		nuls = nuls << 1 | (text.ptr[i] == '\0');
	return nuls == 5 || nuls == 10 ? "UTF-16" :
	    nuls == 14 || nuls == 7 ? "UTF-32" : NULL;
}

static bool
refuse_whole(const struct file *file, struct diags *diags)
{
	const char *wide = wide_name(file->text);
	struct loc  loc = { .file = file };

	if (file->text.len > LIMIT_FILE) {
		diag_error(diags, DIAG_ID_limit, loc, "the file has %zu octets;"
		    " the limit is %d (1 MiB)", file->text.len, LIMIT_FILE);
		diag_hint(diags, "split it, or keep message bodies in files "
		    "of their own: body: { file: NAME }");
		return true;
	}
	if (wide == NULL)
		return false;
	loc.line = loc.column = loc.width = 1;
	diag_error(diags, DIAG_ID_encoding, loc, "the file is %s, not UTF-8",
	    wide);
	diag_hint(diags, "save it as UTF-8");
	return true;
}

bool
prescan(const struct file *file, struct arena *arena, struct diags *diags,
    struct prescan *out)
{
	struct scan scan = { .file = file, .arena = arena, .diags = diags,
		.out = out };
	struct span text = file->text;

	*out = (struct prescan){ .ascii = true };
	if (refuse_whole(file, diags))
		return false;
	out->skipped = span_starts(text, BOM) ? BOM.len : 0;
	walk(&scan, out->skipped);
	if (out->errors >= PRESCAN_ERRORS)
		diag_hint(diags, "this does not look like a text file; what "
		    "follows was not checked");
	if (scan.repaired != NULL)
		text.ptr = scan.repaired;
	out->text = span_from(text, out->skipped);
	return out->errors < PRESCAN_ERRORS;
}
