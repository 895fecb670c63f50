/*
 * Where OpenSSL's buffers of a record or of a handshake's messages lie: 16 to
 * 24 KiB each, taken for a moment and given back. In the heap they would leave
 * their holes between what stays, and 2,000 sessions that shook hands at once
 * would go on holding twice of what they use. Here a slot is whole pages, which
 * the kernel gets back when the handshakes are over.
 *
 * The address space is reserved once; what does not fit goes to the heap, as
 * everything does where there is none to reserve. Any thread may call: the
 * loop is one, but what looks up names in libuv's threads may use OpenSSL, too.
 */
#include "net/inside.h"
#include "net/tls_run.h"

#include <openssl/crypto.h>

#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>

enum {
	SLOT = 24 * KIB,        /* a whole number of pages; the message buffer
	                         * has 21.3 KiB, those of records 16.5 KiB */
	LEAST = 12 * KIB,
	SLOTS = 8192,
	STEP = 64,              /* slots that become usable at a time */
	WARM = 16               /* free slots whose pages are kept */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	char    *base;          /* NULL: no pool; set once */
	size_t   usable, used;  /* slots: that may be touched, ever taken */
	uint16_t spare[SLOTS];  /* given back; the last one is the next */
	size_t   spares, cold;  /* of them the first ones have no pages */
} pool;

static bool
in_pool(const void *at)
{
	uintptr_t from = (uintptr_t)pool.base, here = (uintptr_t)at;

	return from != 0 && here >= from &&
	    here - from < (uintptr_t)SLOTS * SLOT;
}

static bool
widen(void)
{
	if (pool.base == NULL || pool.usable == SLOTS ||
	    mprotect(pool.base + pool.usable * SLOT, (size_t)STEP * SLOT,
	    PROT_READ | PROT_WRITE) != 0)
		return false;
	pool.usable += STEP;
	return true;
}

/* Locked. */
static void *
slot_next(void)
{
	if (pool.spares > 0) {
		if (--pool.spares < pool.cold)
			pool.cold = pool.spares;
		return pool.base + (size_t)pool.spare[pool.spares] * SLOT;
	}
	if (pool.used == pool.usable && !widen())
		return NULL;
	return pool.base + pool.used++ * SLOT;
}

static void *
slot_take(void)
{
	void *slot;

	(void)pthread_mutex_lock(&lock);
	slot = slot_next();
	(void)pthread_mutex_unlock(&lock);
	return slot;
}

static void
slot_give(const void *at)
{
	(void)pthread_mutex_lock(&lock);
	pool.spare[pool.spares++] =
	    (uint16_t)((size_t)((const char *)at - pool.base) / SLOT);
	(void)pthread_mutex_unlock(&lock);
}

static void *
pool_alloc(size_t size, const char *file, int line)
{
	void *slot = size >= LEAST && size <= SLOT ? slot_take() : NULL;

	(void)file, (void)line;
	if (slot != NULL || size == 0)
		return slot;
	return mem_try_resize(NULL, size);
}

static void
pool_free(void *at, const char *file, int line)
{
	(void)file, (void)line;
	if (!in_pool(at))
		mem_free(at);
	else
		slot_give(at);
}

static void *
pool_resize(void *at, size_t size, const char *file, int line)
{
	void *moved;

	if (at == NULL)
		return pool_alloc(size, file, line);
	if (size == 0) {
		pool_free(at, file, line);
		return NULL;
	}
	if (!in_pool(at))
		return mem_try_resize(at, size);
	if (size <= SLOT)
		return at;
	moved = mem_try_resize(NULL, size);
	if (moved != NULL) {
		memcpy(moved, at, SLOT);
		pool_free(at, file, line);
	}
	return moved;
}

void
tls_pool_begin(void)
{
	void *base;

	/* Refused once OpenSSL has memory of its own: then it stays so. */
	if (CRYPTO_set_mem_functions(pool_alloc, pool_resize, pool_free) != 1)
		return;
	base = mmap(NULL, (size_t)SLOTS * SLOT, PROT_NONE, MAP_PRIVATE |
	    MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base != MAP_FAILED)
		pool.base = base;
}

void
tls_pool_trim(void)
{
	(void)pthread_mutex_lock(&lock);
	while (pool.cold + WARM < pool.spares)
		(void)madvise(pool.base + (size_t)pool.spare[pool.cold++] *
		    SLOT, SLOT, MADV_DONTNEED);
	(void)pthread_mutex_unlock(&lock);
}
