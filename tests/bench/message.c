/*
 * A message file in wire form for the benchmark's own clients.
 */
#include "message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { MESSAGE_MAX = 48 * 1024 };

static size_t
message_put(char *out, size_t len, char c)
{
	out[len] = c;
	return len + 1;
}

/* At most two bytes for each byte of `in`, and five at the end. */
static size_t
message_stuff(const char *in, size_t in_len, char *out)
{
	bool   start = true;
	size_t len = 0;

	for (size_t i = 0; i < in_len; i++) {
		if (in[i] == '\n' && (i == 0 || in[i - 1] != '\r'))
			len = message_put(out, len, '\r');
		if (in[i] == '.' && start)
			len = message_put(out, len, '.');
		len = message_put(out, len, in[i]);
		start = in[i] == '\n';
	}
	if (!start) {
		len = message_put(out, len, '\r');
		len = message_put(out, len, '\n');
	}
	len = message_put(out, len, '.');
	len = message_put(out, len, '\r');
	return message_put(out, len, '\n');
}

static bool
message_load(int fd, char *raw, size_t *len)
{
	ssize_t got = 1;

	*len = 0;
	while (got > 0 && *len <= MESSAGE_MAX) {
		got = read(fd, raw + *len, MESSAGE_MAX + 1 - *len);
		if (got > 0)
			*len += (size_t)got;
	}
	if (*len > MESSAGE_MAX)
		errno = EFBIG;
	return got == 0;
}

bool
message_read(const char *path, struct message *out)
{
	int    fd = open(path, O_RDONLY | O_CLOEXEC);
	char  *raw;
	size_t len;
	bool   ok;

	if (fd < 0)
		return false;
	raw = malloc(MESSAGE_MAX + 1);
	ok = raw != NULL && message_load(fd, raw, &len);
	close(fd);
	if (ok) {
		out->wire = malloc(2 * len + 5);
		ok = out->wire != NULL;
	}
	if (ok)
		out->len = message_stuff(raw, len, out->wire);
	free(raw);
	return ok;
}
