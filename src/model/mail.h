/*
 * The octets of a message (RFC 5322) and of its MIME parts (RFC 2045, 2046,
 * 2047, 2183, 2231): pure functions over bytes, the same input always gives the
 * same output. Nothing is added that the caller does not ask for.
 */
#ifndef QUOTH_MODEL_MAIL_H
#define QUOTH_MODEL_MAIL_H

#include "base/buf.h"

/* What becomes of the value of a header field. */
enum mail_text {
	MAIL_ASCII,             /* folded; encoded words for the rest */
	MAIL_UTF8,              /* folded; UTF-8 stays (RFC 6532) */
	MAIL_RAW                /* as it is */
};

enum {
	MAIL_COLUMNS = 78,      /* RFC 5322 2.1.1: SHOULD; 998 is a MUST */
	MAIL_BOUNDARY = 32      /* octets of one */
};

/* One field with its CRLF; folded in front of white space, so that unfolding
 * gives the value back. What has no white space stays one line, however long.
 * False: the buffer is full. */
bool mail_field(struct span name, struct span value, enum mail_text how,
    struct buf *out);

/* NULL, or why mail_field() cannot write it: a clause behind "it". */
const char *mail_field_wrong(struct span name, struct span value,
    enum mail_text how);

enum mail_coding { MAIL_BASE64, MAIL_8BIT, MAIL_BINARY, MAIL_CODINGS };
extern const char *const mail_coding_words[MAIL_CODINGS];

struct mail_part {
	struct span      name;  /* of the file; empty: none */
	struct span      type;  /* "text/plain; charset=utf-8" */
	struct span      bytes;
	enum mail_coding coding;
};

/* One that stands in none of the parts nor in `text`. */
void mail_boundary(struct span text, const struct mail_part *parts,
    size_t count, char out[MAIL_BOUNDARY + 1]);

/* MIME-Version and Content-Type of the whole. */
bool mail_multipart(const char *boundary, struct buf *out);
/* What stands in front of the text, and of a part. */
bool mail_text_head(struct span text, const char *boundary, struct buf *out);
bool mail_part_head(const struct mail_part *part, enum mail_text how,
    const char *boundary, struct buf *out);

/*
 * Where a message goes. It is written twice: without `to`, to be counted, and
 * then to the memory that it needs.
 */
struct mail_sink {
	char    *to;            /* NULL: counts only */
	uint64_t len;           /* octets on the wire */
	uint64_t plain;         /* the same without the dots that were stuffed */
	bool     stuffs;        /* DATA: a leading dot is doubled */
	char     last;          /* octet; '\n' at the beginning */
};

struct mail_sink mail_sink(char *to, bool stuffs);
/* As they are. */
void mail_bytes(struct mail_sink *sink, struct span bytes);
/* Lines with CRLF. A missing final line end is added, none is doubled. */
void mail_lines(struct mail_sink *sink, struct span text);
/* base64, 76 columns (RFC 2045 6.8). */
void mail_base64(struct mail_sink *sink, struct span bytes);
void mail_part_body(struct mail_sink *sink, const struct mail_part *part);
/* Is the next octet the first of a line? */
bool mail_at_line(const struct mail_sink *sink);

#endif
