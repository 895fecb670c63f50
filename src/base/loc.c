/* Places in files: only errors and failures ask, so a scan is good enough. */
#include "base/loc.h"

#define BOM SPAN("\xef\xbb\xbf")

struct span
loc_line(const struct file *file, uint32_t line)
{
	struct span rest;
	size_t      end;

	if (file == NULL || line == 0)
		return (struct span){ "", 0 };
	rest = file->text;
	if (span_starts(rest, BOM))
		rest = span_from(rest, BOM.len);
	for (; line > 1; line--) {
		end = span_chr(rest, '\n');
		if (end == SIZE_MAX)
			return (struct span){ "", 0 };
		rest = span_from(rest, end + 1);
	}
	rest = span_sub(rest, 0, span_chr(rest, '\n'));
	return span_ends(rest, SPAN("\r")) ? span_sub(rest, 0, rest.len - 1) :
	    rest;
}

struct loc
loc_at(const struct file *file, size_t at)
{
	struct loc loc = { .file = file, .line = 1, .column = 1 };
	size_t     i = 0;

	if (span_starts(file->text, BOM))
		i = BOM.len;
	while (i < at && i < file->text.len) {
		size_t len = span_utf8(span_from(file->text, i), NULL);

		if (file->text.ptr[i] == '\n') {
			loc.line++;
			loc.column = 1;
		} else {
			loc.column++;
		}
		i += len == 0 ? 1 : len;
	}
	return loc;
}
