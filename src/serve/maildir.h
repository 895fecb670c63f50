/*
 * One message, one file: written under tmp/, then linked into new/ under the
 * same name, so that a reader never sees half a message and nothing is ever
 * overwritten (cr.yp.to/proto/maildir.html). Nothing is synced: this is a
 * test's mailbox. Errors are errno values; the server answers 451.
 */
#ifndef QUOTH_SERVE_MAILDIR_H
#define QUOTH_SERVE_MAILDIR_H

#include "base/fault.h"

struct maildir {
	int fd;                 /* of the folder */
};

/* Makes the folder and its tmp, new, cur where they are missing. */
bool maildir_open(struct maildir *maildir, const char *path,
    struct fault *fault);
void maildir_close(struct maildir *maildir);

/* 0, or errno: EEXIST when there is a file of that name. */
int maildir_keep(const struct maildir *maildir, const char *name,
    struct span head, struct span body);

#endif
