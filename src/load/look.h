/*
 * Text that looks like other text: keys that differ only in how an accent is
 * written (Unicode NFC and NFD), and characters that nobody sees.
 */
#ifndef QUOTH_LOAD_LOOK_H
#define QUOTH_LOAD_LOOK_H

#include "base/span.h"

/* True when both read the same and are different octets. Latin letters only:
 * this is a help for authors, no defence. */
bool look_alike(struct span a, struct span b);

/* No octet above 0x7f. */
bool look_plain(struct span text);

/* Zero width, bidi controls, byte order mark. */
bool look_unseen(uint32_t point);

#endif
