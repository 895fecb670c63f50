/*
 * One report on disk. All functions give 0 or an errno.
 *
 * A file that is there and no regular one (a pipe, a device) is written to
 * directly, a document only at its end. A symbolic link is followed.
 */
#ifndef QUOTH_CMD_REPORT_FILE_H
#define QUOTH_CMD_REPORT_FILE_H

#include "base/arena.h"

#include <sys/types.h>

struct report_file {
	int         fd;         /* of a journal or a special file; else -1 */
	bool        special;
	const char *path, *temporary, *folder;  /* in the arena of open() */
	off_t       good;       /* journal: octets of whole batches */
};

/* What an earlier run left there is gone afterwards. */
int report_file_open(struct report_file *file, const char *path, bool journal,
    struct arena *arena);

/* The whole document anew; `last`: also where only one write is possible. */
int report_file_replace(struct report_file *file, struct span bytes,
    bool last);

/* All of it, or none of it stays. */
int report_file_append(struct report_file *file, struct span bytes);

int report_file_close(struct report_file *file);

/* Everything, through short writes and interruptions. */
int report_write(int fd, struct span bytes);

#endif
