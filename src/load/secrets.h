/*
 * What may be a secret in a file that does not load.
 */
#ifndef QUOTH_LOAD_SECRETS_H
#define QUOTH_LOAD_SECRETS_H

#include "base/loc.h"
#include "base/secret.h"

/* Hides what its text looks like it should: only for a file with errors.
 * False: there is nothing of the kind. */
bool secrets_guess(const struct file *file, struct redactor *redactor);

#endif
