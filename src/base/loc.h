/*
 * Where the author wrote something. Lines and columns are 1-based; columns
 * and widths count characters, not octets. Line 0: no place of the author's.
 * Column 0: the line as a whole, of which no more is known (a script's).
 */
#ifndef QUOTH_BASE_LOC_H
#define QUOTH_BASE_LOC_H

#include "base/span.h"

/* A file as it was read; lives as long as the program made of it. */
struct file {
	const char *name;       /* as the user named it */
	struct span text;
};

struct loc {
	const struct file *file;
	uint32_t line, column;
	uint32_t width;         /* characters under the caret; 0 counts as 1 */
};

/* The line's octets without its line end and the file's byte order mark; empty
 * when there is no such line. */
struct span loc_line(const struct file *file, uint32_t line);

/* The place of octet `at` of the file's text. */
struct loc loc_at(const struct file *file, size_t at);

#endif
