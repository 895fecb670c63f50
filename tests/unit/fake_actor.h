/*
 * A scripted actor for tests of the loop, and a peer: one accepted connection
 * handled by a function in a thread of its own.
 *
 * A script is rows of "on this input, want that". An input that the next row
 * does not name is noted and answered with WANT_NOTHING. CANCEL is always
 * answered with OVER. The log reads "START DONE BYTES:220 CLOSED:FIN".
 */
#ifndef QUOTH_TESTS_FAKE_ACTOR_H
#define QUOTH_TESTS_FAKE_ACTOR_H

#include "base/buf.h"
#include "net/loop.h"

#include <pthread.h>

/* A busy machine wakes us late; never early. */
enum { LATE_US = 300000 };

struct row {
	uint8_t     on, want, conn;
	const char *bytes;              /* WRITE */
	uint32_t    due_ms;             /* from now; 0 none */
	bool        hold, lazy;
	const struct endpoint *to;
	const struct tls_ask *tls;
	bool  patient;          /* TLS */
	bool  spent;            /* what SASL knew */
	const struct sasl_ask *sasl;
	uint32_t    sleep_ms;           /* before the answer: octets gather */
	size_t      fill;               /* WRITE that many octets 'x' */
};

struct fake {
	struct actor      actor;
	struct loop      *loop;
	const struct row *rows;
	size_t            row_count, at;
	uint32_t          written;      /* inputs that said so */
	struct buf        log, bytes, fill;
	struct fault      fault;
	struct facts      facts;
	struct tls_facts  tls;          /* of DONE of TLS */
	const struct tls_facts *live;
	char              tls_notes[256];
	char              why[256];     /* of it, as `tls` has it */
	char              end[256];     /* of it, when it was closed */
	uint64_t          began_us, last_us, row_us[16];
	size_t            octets;
	bool              gives_up;     /* OVER when what it awaits cannot come */
	bool              unsent, gone, backwards;
	bool              all;          /* of the first BYTES */
};

void fake_init(struct fake *fake, struct loop *loop, const struct row *rows,
    size_t count);
/* Hosts, runs until it is gone, frees. Asserts that it went. */
void fake_run(struct fake *fake);
void fake_free(struct fake *fake);
/* Some containers have no hosts file, and so no such name. */
bool have_localhost(void);
#define FAKE(fake, loop, rows) \
	fake_init((fake), (loop), (rows), sizeof(rows) / sizeof *(rows))

/* A peer in a thread: accepts one connection on 127.0.0.1 (or [::1], or a
 * unix path), calls talk(fd), closes. */
struct peer {
	pthread_t thread;
	int       listener;
	uint16_t  port;
	void    (*talk)(int fd);
	struct endpoint to;
	char      path[108];
};
bool peer_start(struct peer *peer, const char *host, void (*talk)(int fd));
void peer_join(struct peer *peer);

int descriptors_open(void);

/* Whatever loop tests need again and again. A black hole is a listener whose
 * backlog is full: its descriptor, and where it is. */
struct loop *loop_make(void);
void say(int fd, const char *text);
bool await(int fd, const char *text);
void until_end(int fd);
void reset(int fd);
void pause_ms(unsigned ms);
void talk_polite(int fd);
int blackhole(struct endpoint *to, int fillers[8]);
void talk_never_reads(int fd);
int warm_up(void **state);
extern int never_read_done;     /* ends talk_never_reads() */

#endif
