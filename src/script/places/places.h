/*
 * Where in a Lua file the parts of a registered table stand. A running table
 * does not know; Lua tells the line of a call and no more. So the text is
 * read a second time: the call on that line, the table constructor given to
 * it, and the tree of the decoded table side by side with it. What is not
 * written there literally keeps the place of what it is written in.
 *
 * Pure functions over text. Reading a file is linear in it; finding a table
 * is linear in its constructor, plus a bounded search.
 */
#ifndef QUOTH_SCRIPT_PLACES_H
#define QUOTH_SCRIPT_PLACES_H

#include "model/node.h"

struct redactor;

/* A file's text, read once for all questions. */
struct outline;

struct outline *places_open(const struct file *file);   /* file is borrowed */
void places_close(struct outline *outline);             /* may be NULL */

/*
 * The table of a call of `line`, which need not be of any name. Sets loc and
 * key_loc of everything in `root` that has a place, and puts the children of
 * each map whose keys are all written out into the order of the source. False
 * and nothing changed: no constructor there, or in the whole file only one,
 * is like that tree.
 */
bool places_find(struct outline *outline, uint32_t line, struct node *root);

/* The first argument of the call of `name` on `line`: the same, also for one
 * that is no table. False and nothing changed when there is not exactly one
 * such call. */
bool places_find_call(struct outline *outline, uint32_t line,
    struct span name, struct node *node);

/* Hides the texts of the file that are a password or a token in a call of
 * `auth`, also in one of a wrong form. */
void places_literals(const struct file *file, struct redactor *redactor);

#endif
