/* Inside of content: what its files share while they read one node. */
#ifndef QUOTH_VERB_CONTENT_OWN_H
#define QUOTH_VERB_CONTENT_OWN_H

#include "verb/content.h"

#include "base/limits.h"
#include "model/mail.h"

struct reader {
	struct build      *build;
	const struct node *node;
	struct content    *content;
	struct buf         fields;      /* header fields, made */
	struct span        text;
	struct mail_part  *parts;
	uint32_t           part_count;
	uint8_t            end;         /* enum content_end */
	bool has_fields, has_text, late, raw, utf8;
};

static inline enum mail_text
content_how(const struct reader *r)
{
	return r->raw ? MAIL_RAW : r->utf8 ? MAIL_UTF8 : MAIL_ASCII;
}

bool content_too_long(struct reader *r, const struct node *node);
/* A value of the run is empty until it is known. */
bool content_bytes(struct reader *r, const struct node *node,
    struct span *out);
bool content_file(struct reader *r, const struct node *node,
    struct span *path, struct span *out);

/* ---- content_fields.c: headers, date, message_id ---- */
bool content_headers(struct reader *r, const struct node *node);
bool content_fresh(struct reader *r);

/* ---- content_parts.c: attach ---- */
bool content_attach(struct reader *r, const struct node *node);

#endif
