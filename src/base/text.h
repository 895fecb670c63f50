/*
 * Untrusted text on its way out: one function for each kind of sink, and all
 * text of servers, packs and files goes through one of them. They never fail;
 * what does not fit into `out` is refused by it, and `out->full` tells.
 *
 * CI commands are broken in every sink: `##[`, `##vso[`, `##teamcity[`
 * wherever they stand, `::` where a letter follows (a command's name; so
 * [::1]:25 stays readable). JSON, YAML and XML break them without a loss.
 */
#ifndef QUOTH_BASE_TEXT_H
#define QUOTH_BASE_TEXT_H

#include "base/buf.h"

/* Terminal and plain logs. C0, DEL, C1 (raw or as UTF-8), bidi and other
 * format controls, line and paragraph separators and octets that are no UTF-8
 * come out as \r \n \t \xNN or \u{NNNN}; a backslash stays as it is. One line
 * comes out, whatever goes in. */
void text_plain(struct span in, struct buf *out);

/* TAP: as text_plain, then `\` and `#` escaped (TAP 14). */
void text_tap(struct span in, struct buf *out);

/* A YAML double-quoted scalar with its quotes (TAP diagnostics). Octets that
 * are no UTF-8 as \\xNN text. */
void text_yaml(struct span in, struct buf *out);

/* XML text and attribute values: & < > " ' as entities, characters that are
 * illegal, hidden or no UTF-8 as \xNN or \u{NNNN} text, CR as &#13;, tabs and
 * LF as they are (in an attribute the parser makes blanks of them). */
void text_xml(struct span in, struct buf *out);

/* A JSON string with its quotes, ASCII where it could do harm (also `<`, so
 * that it may stand in HTML). Lossless for valid UTF-8; octets that are none,
 * as the flag says: */
enum json_bytes { JSON_SHOWN,   /* \\xNN text */
	JSON_LOSSLESS };        /* U+DC00+octet as \udcNN (as Python's
	                         * surrogateescape): decodes back to the octet */
void text_json(struct span in, enum json_bytes how, struct buf *out);

/* GitHub workflow commands: the message part (LF becomes %0A, a new line of
 * the annotation), and property values. */
void text_github(struct span in, struct buf *out);
void text_github_property(struct span in, struct buf *out);

/* One word of a POSIX shell, quoted only when it must be. The octets stay:
 * what shows it on a terminal still needs text_plain. */
void text_shell(struct span in, struct buf *out);

/* Columns on a terminal: wide characters count two, combining ones none. */
size_t text_width(struct span utf8);

/* At most `columns` of it, cut between characters, with U+2026 in the last
 * column when something was cut. `in` is what text_plain made. */
void text_fit(struct span in, size_t columns, struct buf *out);

/* Octets of `in` that fill at most `columns`, never less than a character. */
size_t text_cut(struct span in, size_t columns);

/* At most `max` octets of raw text, no character cut in half. */
struct span text_head(struct span in, size_t max);

/* Must never reach a terminal as it is: controls, format and bidi controls,
 * separators, no characters. And the columns of one that may: 0, 1 or 2. */
bool text_hidden(uint32_t point);
size_t text_columns(uint32_t point);

#endif
