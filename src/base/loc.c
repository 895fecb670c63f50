/* Places in files: only errors and failures ask, so a scan is good enough. */
#include "base/loc.h"

struct span
loc_line(const struct file *file, uint32_t line)
{
	struct span rest, text;

	if (file == NULL || line == 0)
		return (struct span){ "", 0 };
	rest = file->text;
	for (uint32_t now = 1; span_word(&rest, "\n", &text); now++)
		if (now == line)
			return span_ends(text, SPAN("\r")) ?
			    span_sub(text, 0, text.len - 1) : text;
	return (struct span){ "", 0 };
}

struct loc
loc_at(const struct file *file, size_t at)
{
	struct loc loc = { .file = file, .line = 1, .column = 1 };
	size_t     i = 0;

	if (span_starts(file->text, SPAN("\xef\xbb\xbf")))
		i = 3;
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
