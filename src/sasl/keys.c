/*
 * What SCRAM makes of a password, a salt and a count of iterations: dear on
 * purpose, and the same each time the same user comes to the same server. So
 * the results of the last ones are kept (RFC 5802 5.1 lets clients do so), for
 * all threads, under a keyed digest of what they were made of: the passwords
 * themselves are not. Till the process ends, like its secrets.
 */
#include "base/limits.h"
#include "base/mem.h"
#include "model/digest.h"
#include "sasl/sasl_own.h"

#include <pthread.h>
#include <sys/random.h>

enum { ID_LEN = 32 };

static struct {
	pthread_mutex_t lock;
	bool            begun;
	char            key[ID_LEN];    /* of the digests */
	uint32_t        next;           /* row to be written */
	struct {
		char id[ID_LEN];
		char salted[GSASL_HASH_MAX_SIZE];
		bool used;
	} rows[LIMIT_SASL_KEYS];
} kept = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Under the lock. False: there is no randomness, and nothing is kept. */
static bool
id_make(const struct keys_of *of, char id[ID_LEN])
{
	size_t     len = sizeof of->iterations + sizeof of->hash + of->salt.len +
	    of->password.len + sizeof of->salt.len;
	struct buf data = buf_new(len), made = buf_new(DIGEST_MAX);
	bool       fine;

	if (!kept.begun && getrandom(kept.key, sizeof kept.key, 0) !=
	    sizeof kept.key)
		return false;
	kept.begun = true;
	(void)buf_room(&data, len);     /* once: it is wiped in one place */
	buf_add(&data, (struct span){ (const char *)&of->hash,
	    sizeof of->hash });
	buf_add(&data, (struct span){ (const char *)&of->iterations,
	    sizeof of->iterations });
	buf_add(&data, (struct span){ (const char *)&of->salt.len,
	    sizeof of->salt.len });
	buf_add(&data, of->salt);
	buf_add(&data, of->password);
	fine = digest_hmac(SPAN("sha256"), (struct span){ kept.key,
	    sizeof kept.key }, buf_span(&data), &made) && made.len == ID_LEN;
	if (fine)
		memcpy(id, made.ptr, ID_LEN);
	buf_wipe(&data);
	buf_free(&made);
	return fine;
}

static bool
find(const char id[ID_LEN], char *salted)
{
	for (size_t i = 0; i < LIMIT_SASL_KEYS; i++) {
		if (!kept.rows[i].used ||
		    memcmp(kept.rows[i].id, id, ID_LEN) != 0)
			continue;
		if (salted != NULL)
			memcpy(salted, kept.rows[i].salted,
			    GSASL_HASH_MAX_SIZE);
		return true;
	}
	return false;
}

static bool
look(const struct keys_of *of, char id[ID_LEN], bool *has_id, char *salted)
{
	bool found;

	(void)pthread_mutex_lock(&kept.lock);
	*has_id = id_make(of, id);
	found = *has_id && find(id, salted);
	(void)pthread_mutex_unlock(&kept.lock);
	return found;
}

bool
keys_known(const struct keys_of *of)
{
	char id[ID_LEN];
	bool has_id;

	return look(of, id, &has_id, NULL);
}

static void
keep(const char id[ID_LEN], const char *salted)
{
	(void)pthread_mutex_lock(&kept.lock);
	if (!find(id, NULL)) {          /* another thread may have been faster */
		memcpy(kept.rows[kept.next].id, id, ID_LEN);
		memcpy(kept.rows[kept.next].salted, salted,
		    GSASL_HASH_MAX_SIZE);
		kept.rows[kept.next].used = true;
		kept.next = (kept.next + 1) % LIMIT_SASL_KEYS;
	}
	(void)pthread_mutex_unlock(&kept.lock);
}

int
keys_make(const struct keys_of *of, struct keys *out)
{
	char  id[ID_LEN], *text;
	bool  has_id;
	int   rc;

	*out = (struct keys){ .len = of->hash == GSASL_HASH_SHA1 ?
	    GSASL_HASH_SHA1_SIZE : GSASL_HASH_SHA256_SIZE };
	if (look(of, id, &has_id, out->salted))
		return gsasl_scram_secrets_from_salted_password(of->hash,
		    out->salted, out->client, out->server, out->stored);
	text = mem_alloc(of->password.len + 1);
	if (of->password.len > 0)
		memcpy(text, of->password.ptr, of->password.len);
	rc = gsasl_scram_secrets_from_password(of->hash, text, of->iterations,
	    of->salt.ptr, of->salt.len, out->salted, out->client, out->server,
	    out->stored);
	explicit_bzero(text, of->password.len);
	mem_free(text);
	if (rc == GSASL_OK && has_id)
		keep(id, out->salted);
	return rc;
}
