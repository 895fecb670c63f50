/* PCRE2, interned. Match data is made once with the pattern. */
#include "model/regex.h"

#include "base/limits.h"
#include "base/mem.h"

#include <pcre2.h>
#include <stdio.h>

enum { BUCKETS = 256, DEPTH_MAX = 10000, HEAP_KIB_MAX = 16 * 1024 };

struct regex {
	struct regex         *next;
	struct span           key;      /* flags "/" pattern */
	char                 *key_ptr;
	pcre2_code           *code;
	pcre2_match_data     *data;
	pcre2_match_context  *context;
};

struct regex_set {
	struct regex        *buckets[BUCKETS];
	pcre2_match_context *context;
};

struct regex_set *
regex_set_new(void)
{
	struct regex_set *set = mem_alloc(sizeof *set);

	set->context = pcre2_match_context_create(NULL);
	if (set->context != NULL) {
		(void)pcre2_set_match_limit(set->context, LIMIT_REGEX_STEPS);
		(void)pcre2_set_depth_limit(set->context, DEPTH_MAX);
		(void)pcre2_set_heap_limit(set->context, HEAP_KIB_MAX);
	}
	return set;
}

void
regex_set_free(struct regex_set *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct regex *r = set->buckets[i]; r != NULL;) {
			struct regex *next = r->next;

			pcre2_match_data_free(r->data);
			pcre2_code_free(r->code);
			mem_free(r->key_ptr);
			mem_free(r);
			r = next;
		}
	pcre2_match_context_free(set->context);
	mem_free(set);
}

static bool
options_read(struct span flags, uint32_t *options)
{
	*options = PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C;
	for (size_t i = 0; i < flags.len; i++)
		switch (flags.ptr[i]) {
		case 'i': *options |= PCRE2_CASELESS; break;
		case 's': *options |= PCRE2_DOTALL; break;
		case 'x': *options |= PCRE2_EXTENDED; break;
		case 'u': *options |= PCRE2_UTF | PCRE2_UCP |
		    PCRE2_MATCH_INVALID_UTF; break;
		default: return false;
		}
	return true;
}

static const struct regex *
set_add(struct regex_set *set, struct span key, struct regex **bucket,
    pcre2_code *code)
{
	struct regex *regex = mem_alloc(sizeof *regex);

	regex->key_ptr = mem_alloc(key.len);
	memcpy(regex->key_ptr, key.ptr, key.len);
	regex->key = (struct span){ regex->key_ptr, key.len };
	regex->code = code;
	regex->context = set->context;
	regex->data = pcre2_match_data_create_from_pattern(code, NULL);
	regex->next = *bucket;
	*bucket = regex;
	return regex;
}

const struct regex *
regex_compile(struct regex_set *set, struct span pattern, struct span flags,
    char why[128], size_t *at)
{
	struct buf     key = buf_new(LIMIT_SCALAR);
	struct regex **bucket;
	const struct regex *found;
	uint32_t       options;
	pcre2_code    *code = NULL;
	int            error = 0;

	*at = SIZE_MAX;
	if (!options_read(flags, &options)) {
		(void)snprintf(why, 128, "flags are of i s x u");
		return NULL;
	}
	(void)buf_addf(&key, "%x/", options);
	(void)buf_add(&key, pattern);
	bucket = &set->buckets[span_hash(buf_span(&key)) % BUCKETS];
	for (found = *bucket; found != NULL; found = found->next)
		if (span_eq(found->key, buf_span(&key)))
			break;
	if (found == NULL) {
		code = pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len,
		    options, &error, at, NULL);
		if (code == NULL)
			(void)pcre2_get_error_message(error, (PCRE2_UCHAR *)why,
			    128);
		else
			found = set_add(set, buf_span(&key), bucket, code);
	}
	buf_free(&key);
	return found;
}

enum verdict
regex_match(const struct regex *regex, struct span in, struct span *group)
{
	PCRE2_SIZE *at;
	int         count;

	if (regex->data == NULL)
		return VERDICT_UNKNOWN;
	count = pcre2_match(regex->code, (PCRE2_SPTR)in.ptr, in.len, 0, 0,
	    regex->data, regex->context);
	if (count == PCRE2_ERROR_NOMATCH)
		return VERDICT_NO;
	if (count < 0)
		return VERDICT_UNKNOWN;
	at = pcre2_get_ovector_pointer(regex->data);
	*group = span_sub(in, at[0], at[1] - at[0]);
	for (int i = 1; i < count; i++)
		if (at[2 * i] != PCRE2_UNSET) {
			*group = span_sub(in, at[2 * i],
			    at[2 * i + 1] - at[2 * i]);
			break;
		}
	return VERDICT_YES;
}
