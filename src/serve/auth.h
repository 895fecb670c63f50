/*
 * AUTH (RFC 4954): one exchange of a client, computed by the engine of
 * serve_options (model/sasl.h). alice has the password secret-a and bob
 * secret-b, each also with @example.test.
 */
#ifndef QUOTH_SERVE_AUTH_H
#define QUOTH_SERVE_AUTH_H

#include "serve/guest.h"

/* "250-AUTH PLAIN ...\r\n", or nothing. */
void auth_list(const struct server *server, bool secured, bool bound,
    struct buf *out);

/* A line while guest->phase is PHASE_AUTH; `octets` with its line end. */
enum service_next auth_line(struct guest *guest, struct span line,
    size_t octets, struct buf *out);

/* What the client was, it is no longer; what is half done ends. */
void auth_forget(struct guest *guest);

extern const char auth_too_long[];      /* the reply to such a line */

#endif
