/*
 * What goes on while scenarios run, on stderr: on a terminal a live region of
 * two lines (a bar and what runs now) that is erased before anything else is
 * written; elsewhere a line every 30 seconds, without control characters.
 */
#ifndef QUOTH_CMD_PROGRESS_H
#define QUOTH_CMD_PROGRESS_H

#include "model/record.h"

struct progress;

/* --color: "never", "always", "auto" (or NULL). False for another word. */
bool progress_colours(const char *choice, int fd, bool *colours);

/* Columns of the terminal; 0: it is none. */
uint16_t progress_columns(int fd);

/* A region can be redrawn there. */
bool progress_region(int fd);

/* `live`: redraw a region on `fd`; else heartbeats. */
struct progress *progress_new(int fd, bool live, bool colours);
void progress_free(struct progress *progress);  /* erases; NULL is fine */

/* `running`: names of the scenarios that run now, untrusted. Draws at most
 * ten times a second, however often it is called. */
void progress_show(struct progress *progress, const struct totals *totals,
    const struct span *running, size_t count, uint64_t now_us);

/* The region is gone until the next progress_show(). */
void progress_erase(struct progress *progress);

#endif
