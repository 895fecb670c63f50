/*
 * Who is there: alice, bob and postmaster at example.test, in any case and
 * with any +suffix, and postmaster alone. Besides these, reply-NNN and
 * reply-NNN-X.Y.Z (NNN 200 to 599) ask for a reply of the author's choice to
 * RCPT, and after-NNN, after-NNN-X.Y.Z for one to the message.
 */
#ifndef QUOTH_SERVE_MAILBOX_H
#define QUOTH_SERVE_MAILBOX_H

#include "serve/mailpath.h"

enum mailbox_kind {
	MAILBOX_KNOWN, MAILBOX_UNKNOWN, MAILBOX_FOREIGN, MAILBOX_ASKED,
	MAILBOX_AFTER
};

struct mailbox {
	enum mailbox_kind kind;
	const char       *name;         /* KNOWN: "alice" */
	uint16_t          code;         /* ASKED, AFTER */
	uint8_t           enhanced_len; /* ASKED; 0: the author gave none */
	char              enhanced[MAILPATH_LOCAL_MAX];
};

extern const char mailbox_domain[];             /* "example.test" */

void mailbox_find(const struct mailpath *address, struct mailbox *out);

#endif
