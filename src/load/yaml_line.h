/*
 * One line of a YAML file as its author sees it: indentation, dashes, key,
 * colon, value. For messages: it never decides what a file means.
 */
#ifndef QUOTH_LOAD_YAML_LINE_H
#define QUOTH_LOAD_YAML_LINE_H

#include "base/loc.h"

struct yaml_line {
	size_t   start, end;            /* octets in the file, without line end */
	size_t   indent;                /* first octet that is no blank */
	size_t   word;                  /* behind the dashes: the key */
	size_t   colon;                 /* of `key: `, or SIZE_MAX */
	size_t   value;                 /* behind the colon; or end */
	uint32_t number;
};

/* The line that holds octet `at`. */
struct yaml_line yaml_line_at(const struct file *file, size_t at);

/* The nearest line above with text; false: there is none. */
bool yaml_line_above(const struct file *file, const struct yaml_line *line,
    struct yaml_line *above);

/* The key's text, or the first word where there is no colon. */
struct span yaml_line_key(const struct file *file,
    const struct yaml_line *line);

/* Column of octet `at` of that line. */
uint32_t yaml_line_column(const struct file *file,
    const struct yaml_line *line, size_t at);

#endif
