/* Answers of the DNS, octet by octet. */
#include "net/dns_record.h"

enum { HEADER = 12, FIXED = 10, LABEL_MAX = 63, HOPS_MAX = 32 };

static uint32_t
octet(struct span message, size_t at)
{
	return (unsigned char)message.ptr[at];
}

static uint32_t
two(struct span message, size_t at)
{
	return octet(message, at) << 8 | octet(message, at + 1);
}

static char
shown(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ? c : '?';
}

/* One label to the end of `out`; false: the name is too long. */
static bool
label_add(struct span label, char out[DNS_NAME], size_t *len)
{
	if (*len + label.len + 2 > DNS_NAME)
		return false;
	if (*len > 0)
		out[(*len)++] = '.';
	for (size_t i = 0; i < label.len; i++)
		out[(*len)++] = shown(label.ptr[i]);
	return true;
}

/* Pointers lead backwards (RFC 1035 4.1.4), so that they cannot go round. */
size_t
dns_name(struct span message, size_t at, char out[DNS_NAME])
{
	size_t   len = 0, used = 0, start = at;
	uint32_t size;

	for (int hops = 0; hops < HOPS_MAX && at < message.len;) {
		size = octet(message, at);
		if (size == 0) {
			out[len] = '\0';
			return used > 0 ? used : at + 1 - start;
		}
		if (size > LABEL_MAX) {
			size_t to;

			if (size < 0xc0 || at + 1 >= message.len)
				return 0;
			to = two(message, at) & 0x3fff;
			used = used > 0 ? used : at + 2 - start;
			if (to >= at)
				return 0;
			at = to;
			hops++;
			continue;
		}
		if (at + 1 + size > message.len ||
		    !label_add(span_sub(message, at + 1, size), out, &len))
			return 0;
		at += 1 + size;
	}
	return 0;
}

bool
dns_truncated(struct span message)
{
	return message.len >= HEADER && (octet(message, 2) & 2) != 0;
}

bool
dns_records_begin(struct span message, struct dns_records *out)
{
	char     name[DNS_NAME];
	uint32_t questions;

	*out = (struct dns_records){ .message = message, .at = HEADER };
	if (message.len < HEADER)
		return false;
	questions = two(message, 4);
	out->left = two(message, 6);
	for (uint32_t i = 0; i < questions; i++) {
		size_t used = dns_name(message, out->at, name);

		if (used == 0 || out->at + used + 4 > message.len)
			return false;
		out->at += used + 4;
	}
	return true;
}

bool
dns_records_next(struct dns_records *records, struct dns_record *out)
{
	struct span message = records->message;
	size_t      at = records->at, used, len;

	if (records->left == 0)
		return false;
	used = dns_name(message, at, out->name);
	if (used == 0 || at + used + FIXED > message.len)
		return false;
	at += used;
	len = two(message, at + 8);
	if (at + FIXED + len > message.len)
		return false;
	out->type = two(message, at);
	out->rdata_at = at + FIXED;
	out->rdata = span_sub(message, out->rdata_at, len);
	records->at = out->rdata_at + len;
	records->left--;
	return true;
}
