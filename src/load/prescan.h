/*
 * The octets of a file before YAML sees them: UTF-8 without control
 * characters and without line ends that editors do not show. libyaml would
 * say less, at worse places, and lets some of them pass.
 */
#ifndef QUOTH_LOAD_PRESCAN_H
#define QUOTH_LOAD_PRESCAN_H

#include "model/diag.h"

struct prescan {
	/* What may be parsed: the file's text behind its byte order mark, or
	 * a copy in which every octet complained of is harmless. Offsets and
	 * columns are the same in both. */
	struct span text;
	size_t      skipped;            /* octets of the byte order mark */
	uint32_t    errors;
	bool        ascii, tabs;
};

/* False when there is no sense in parsing: too large, UTF-16, or so many
 * errors that it is no text at all. */
bool prescan(const struct file *file, struct arena *arena,
    struct diags *diags, struct prescan *out);

#endif
