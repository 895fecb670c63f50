/*
 * A message for the benchmark's own clients: a file with LF or CRLF line
 * ends, made into what DATA sends (RFC 5321 4.5.2): CRLF, dots doubled,
 * closing dot. Made once at start, so that no client pays for it a message.
 */
#ifndef QUOTH_BENCH_MESSAGE_H
#define QUOTH_BENCH_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

struct message {
	char  *wire;    /* malloc; lives as long as the process */
	size_t len;
};

/* False with errno set. Files above 48 KiB are refused with EFBIG, so that
 * a message always fits an empty socket buffer. */
bool
message_read(const char *path, struct message *out);

#endif
