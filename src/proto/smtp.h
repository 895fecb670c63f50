/* What the files of SMTP share; LMTP is to use the same. */
#ifndef QUOTH_PROTO_SMTP_H
#define QUOTH_PROTO_SMTP_H

#include "model/proto.h"

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

extern const struct word_row smtp_words[];      /* ended by word NULL */

#endif
