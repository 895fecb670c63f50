/*
 * Envelope addresses, strictly as RFC 5321 4.1.2 with the UTF-8 of RFC 6531:
 *
 *   Reverse-path = Path / "<>"
 *   Forward-path = Path / "<Postmaster>"            ; any case
 *   Path         = "<" [ A-d-l ":" ] Mailbox ">"
 *   A-d-l        = At-domain *( "," At-domain )     ; "@" Domain; ignored
 *   Mailbox      = Local-part "@" ( Domain / address-literal )
 *   Local-part   = Dot-string / Quoted-string
 *   Domain       = sub-domain *( "." sub-domain )   ; letters digits hyphens
 *
 * Limits (4.5.3.1): local part 64 octets, domain 255, path 256 with brackets;
 * a label 63 (RFC 1035).
 */
#ifndef QUOTH_SERVE_MAILPATH_H
#define QUOTH_SERVE_MAILPATH_H

#include "base/span.h"

enum {
	MAILPATH_LOCAL_MAX = 64, MAILPATH_DOMAIN_MAX = 255, MAILPATH_PATH_MAX = 256,
	MAILPATH_LABEL_MAX = 63
};

enum mailpath_kind { MAILPATH_REVERSE, MAILPATH_FORWARD };

/* Parts of what was parsed. */
struct mailpath {
	struct span path;       /* with its brackets */
	struct span local;      /* as written, quotes included; "<>": empty */
	struct span domain;     /* empty: "<>" or "<Postmaster>" */
	bool        utf8;       /* some octet is not ASCII */
};

/* One path off the front of `in`: its octets, or 0 when it is none. */
size_t mailpath_read(struct span in, enum mailpath_kind kind,
    struct mailpath *out);

/* Is all of `in` a Mailbox (no brackets), or a Domain? */
bool mailpath_mailbox(struct span in, struct mailpath *out);
bool mailpath_domain(struct span in);

/* A local part's meaning: without quotes and their backslashes. `room` holds
 * MAILPATH_LOCAL_MAX octets. */
struct span mailpath_unquote(struct span local, char *room);

#endif
