/* Digests by their names, and HMAC of them (RFC 2104). */
#ifndef QUOTH_MODEL_DIGEST_H
#define QUOTH_MODEL_DIGEST_H

#include "base/buf.h"

enum { DIGEST_MAX = 64 };       /* octets of the longest one */

/* "md5", "sha1", "sha256", "sha512": appended to `out` as octets. False: no
 * such digest, or no room. */
bool digest_make(struct span name, struct span data, struct buf *out);
bool digest_hmac(struct span name, struct span key, struct span data,
    struct buf *out);

/* "md5, sha1, sha256 or sha512", for messages. */
extern const char digest_names[];
bool digest_known(struct span name);

/* Two hexadecimal digits an octet. */
bool digest_hex(struct span octets, struct buf *out);

#endif
