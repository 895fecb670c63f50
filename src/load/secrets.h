/*
 * What may be a secret in a file that does not load, and what is one in a script
 * before it says so.
 */
#ifndef QUOTH_LOAD_SECRETS_H
#define QUOTH_LOAD_SECRETS_H

#include "base/loc.h"
#include "base/secret.h"

/* Hides what its text looks like it should: only for a file with errors.
 * False: there is nothing of the kind. */
bool secrets_guess(const struct file *file, struct redactor *redactor);

/* Hides what a script that is about to be run gives to `auth` literally. */
void secrets_literals(const struct file *file, struct redactor *redactor);

#endif
