/* What the files of SMTP share, and LMTP with them. */
#ifndef QUOTH_PROTO_SMTP_H
#define QUOTH_PROTO_SMTP_H

#include "model/proto.h"

enum { SMTP_COMMAND_MAX = 512 };        /* RFC 5321 4.5.3.1.4 */

/* Of talk->flags: a 334 was the last reply (RFC 4954 4); LMTP: octets that come
 * now are a message's. */
enum { TALK_AUTH = 1, TALK_CONTENT = 2 };

/* Of ask->shape: what matters of a command when its reply comes. */
enum shape { SHAPE_OTHER, SHAPE_START, SHAPE_RECIPIENT, SHAPE_DATA,
	SHAPE_CHUNK, SHAPE_LAST };

struct ask smtp_ask(struct talk *talk, struct span line);
enum tone smtp_tone(const struct reply *reply);
bool smtp_any_time(const struct reply *reply);
bool smtp_farewell(const struct reply *reply);
void smtp_seen(struct talk *talk, const struct ask *ask,
    const struct reply *reply);

size_t smtp_reply_parse(struct span in, const struct ask *ask,
    struct reply *reply);
bool smtp_reply_offers(const struct reply *reply, struct span word);

/* NULL: a code of nobody we know. */
const struct code_row *smtp_explain_code(int32_t code);

/* Asked with the whole code; subject 7 is the larger half and has a file of
 * its own. NULL: not in the registry. */
const struct code_row *smtp_explain_enhanced(uint32_t enhanced);
const struct code_row *smtp_explain_security(uint32_t enhanced);
const struct code_row *smtp_explain_product(uint32_t enhanced);

bool smtp_sasl_read(const struct reply *reply, struct buf *out,
    struct fault *fault);
bool smtp_sasl_write(struct span mechanism, struct span response,
    struct buf *out);
void smtp_sasl_list(const struct reply *reply, struct buf *out);
size_t smtp_shown(struct span line, enum mask mask);

extern const struct word_row smtp_words[];      /* ended by word NULL */

#endif
