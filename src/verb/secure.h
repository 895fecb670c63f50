/* The keys of a handshake, shared by connect, starttls and tls. */
#ifndef QUOTH_VERB_SECURE_H
#define QUOTH_VERB_SECURE_H

#include "model/build.h"
#include "model/tls.h"

/* `node` is empty or { verify, ca, cert, key, name, min, max, resume }. */
bool secure_read(struct build *build, const struct node *node,
    struct tls_ask *out);

#endif
