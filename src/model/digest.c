/*
 * Digests and HMAC. libmd makes the digests until OpenSSL comes with TLS; a
 * row says what HMAC needs to know of each.
 */
#include "model/digest.h"

#include <md5.h>
#include <sha1.h>
#include <sha2.h>

enum { BLOCK_MAX = 128 };

union context {
	MD5_CTX  md5;
	SHA1_CTX sha1;
	SHA2_CTX sha2;
};

struct digest {
	const char *name;
	size_t      block, size;
	void (*begin)(union context *);
	void (*add)(union context *, const uint8_t *, size_t);
	void (*end)(union context *, uint8_t *);
};

static void
md5_begin(union context *context)
{
	MD5Init(&context->md5);
}

static void
md5_add(union context *context, const uint8_t *data, size_t len)
{
	MD5Update(&context->md5, data, len);
}

static void
md5_end(union context *context, uint8_t *out)
{
	MD5Final(out, &context->md5);
}

static void
sha1_begin(union context *context)
{
	SHA1Init(&context->sha1);
}

static void
sha1_add(union context *context, const uint8_t *data, size_t len)
{
	SHA1Update(&context->sha1, data, len);
}

static void
sha1_end(union context *context, uint8_t *out)
{
	SHA1Final(out, &context->sha1);
}

static void
sha256_begin(union context *context)
{
	SHA256Init(&context->sha2);
}

static void
sha256_add(union context *context, const uint8_t *data, size_t len)
{
	SHA256Update(&context->sha2, data, len);
}

static void
sha256_end(union context *context, uint8_t *out)
{
	SHA256Final(out, &context->sha2);
}

static void
sha512_begin(union context *context)
{
	SHA512Init(&context->sha2);
}

static void
sha512_add(union context *context, const uint8_t *data, size_t len)
{
	SHA512Update(&context->sha2, data, len);
}

static void
sha512_end(union context *context, uint8_t *out)
{
	SHA512Final(out, &context->sha2);
}

static const struct digest rows[] = {
	{ "md5", 64, MD5_DIGEST_LENGTH, md5_begin, md5_add, md5_end },
	{ "sha1", 64, SHA1_DIGEST_LENGTH, sha1_begin, sha1_add, sha1_end },
	{ "sha256", 64, SHA256_DIGEST_LENGTH, sha256_begin, sha256_add,
		sha256_end },
	{ "sha512", 128, SHA512_DIGEST_LENGTH, sha512_begin, sha512_add,
		sha512_end },
};

const char digest_names[] = "md5, sha1, sha256 or sha512";

static const struct digest *
row_find(struct span name)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (span_is(name, rows[i].name))
			return &rows[i];
	return NULL;
}

bool
digest_known(struct span name)
{
	return row_find(name) != NULL;
}

static void
digest_two(const struct digest *row, struct span first, struct span second,
    uint8_t *out)
{
	union context context;

	row->begin(&context);
	if (first.len > 0)
		row->add(&context, (const uint8_t *)first.ptr, first.len);
	if (second.len > 0)
		row->add(&context, (const uint8_t *)second.ptr, second.len);
	row->end(&context, out);
}

bool
digest_make(struct span name, struct span data, struct buf *out)
{
	const struct digest *row = row_find(name);
	uint8_t octets[DIGEST_MAX];

	if (row == NULL)
		return false;
	digest_two(row, data, SPAN(""), octets);
	return buf_add(out, (struct span){ (char *)octets, row->size });
}

bool
digest_hmac(struct span name, struct span key, struct span data,
    struct buf *out)
{
	const struct digest *row = row_find(name);
	uint8_t block[BLOCK_MAX] = { 0 }, octets[DIGEST_MAX];

	if (row == NULL)
		return false;
	if (key.len > row->block)
		digest_two(row, key, SPAN(""), block);
	else if (key.len > 0)
		memcpy(block, key.ptr, key.len);
	for (size_t i = 0; i < row->block; i++)
		block[i] ^= 0x36;
	digest_two(row, (struct span){ (char *)block, row->block }, data,
	    octets);
	for (size_t i = 0; i < row->block; i++)
		block[i] ^= 0x36 ^ 0x5c;
	digest_two(row, (struct span){ (char *)block, row->block },
	    (struct span){ (char *)octets, row->size }, octets);
	return buf_add(out, (struct span){ (char *)octets, row->size });
}

bool
digest_hex(struct span octets, struct buf *out)
{
	static const char digits[] = "0123456789abcdef";
	char *room = buf_room(out, 2 * octets.len);

	if (room == NULL)
		return false;
	for (size_t i = 0; i < octets.len; i++) {
		*room++ = digits[(unsigned char)octets.ptr[i] >> 4];
		*room++ = digits[(unsigned char)octets.ptr[i] & 15];
	}
	out->len += 2 * octets.len;
	return true;
}
