/*
 * Text for people, 80 columns wide: what help and explain are made of. The
 * text is the program's own, never a server's or a file's.
 */
#ifndef QUOTH_CMD_PAGE_H
#define QUOTH_CMD_PAGE_H

#include "base/buf.h"
#include "cmd/cmd.h"

enum { PAGE_COLUMNS = 80, PAGE_MAX = 1024 * 1024 };

/* Appends `text` in words; the cursor stands in column `at`, further lines
 * start in column `indent`. Ends the line. */
void page_wrap(struct buf *out, const char *text, size_t at, size_t indent);

/* `head` from column 2 on, `text` beside it from column `indent` on, below it
 * where the head is too long. */
void page_entry(struct buf *out, const char *head, size_t indent,
    const char *text);

/* To stdout: an exit code. A reader that went away is no error of ours. */
int page_print(const struct buf *page);

/* The help of one command, out of its rows. */
void page_help(const struct command *command, struct buf *out);

/* A completion for bash, out of all rows: commands, then their options, else
 * files. */
void page_completion(struct buf *out);

/* "; did you mean 'run'?", or "". `room` is the caller's. */
enum { PAGE_HINT = 80 };
const char *page_hint(struct span word, const char *const *words,
    size_t count, char room[PAGE_HINT]);

#endif
