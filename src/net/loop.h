/*
 * The loop: the only code that touches sockets, names, clocks, signals and
 * child processes. It hosts actors (model/actor.h) and services
 * (model/service.h) in one thread and knows nothing about either.
 *
 * Sockets are plain descriptors in one edge-triggered epoll set: one epoll_ctl
 * in a connection's life, no handle to close later. libuv's loop, which has
 * the name server's sockets, is embedded in that set by its backend
 * descriptor, so that nothing on the hot path pays for it.
 */
#ifndef QUOTH_NET_LOOP_H
#define QUOTH_NET_LOOP_H

#include "model/actor.h"
#include "model/service.h"

struct loop;

/* Raises RLIMIT_NOFILE to its hard limit and ignores SIGPIPE. NULL with a
 * fault when the kernel refuses what is needed. */
struct loop *loop_new(struct fault *fault);

/* Cancels the actors that are left (CANCEL, then gone()), closes listeners,
 * clients and everything else. Not inside a callback of the loop. */
void loop_free(struct loop *loop);

/* Where actors are hosted. after() may be called at any time and is not
 * undone; a call that comes after loop_free() does not come. */
struct stage *loop_stage(struct loop *loop);

/*
 * Returns when no actor and no after() is left, or after loop_stop(). Listeners
 * keep it running only as long as no actor was ever hosted (`quoth serve`);
 * beside actors they are scenery. May be called again.
 */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);      /* soon: the turn under way ends first */

/* `call` for every SIGINT, SIGTERM (or other signals) from inside loop_run().
 * At most LOOP_SIGNALS_MAX registrations, of one loop at a time. */
enum { LOOP_SIGNALS_MAX = 8 };
bool loop_on_signal(struct loop *loop, int signum,
    void (*call)(void *who, int signum), void *who, struct fault *fault);

/* One of them arrived, told or not: who waits for something gives up. */
bool loop_signalled(void);
/* The number of the first one; 0: none yet. */
int loop_signal_first(void);

/* `call` inside the handler of the second one, for whoever sits in a blocked
 * call; a stroke that comes twice within 200 ms (timeout(1) signals a child and
 * its group) is one. NULL: nobody. */
void loop_on_second_signal(void (*call)(int signum));

/*
 * Gives `service` sockets. `host` is an IPv4 or IPv6 literal, "localhost"
 * (127.0.0.1) or "unix:" and a path; port 0 is a free one, told in `*bound`
 * (may be NULL). `service` outlives the loop. False with a fault.
 */
bool loop_listen(struct loop *loop, struct service *service, const char *host,
    uint16_t port, uint16_t *bound, struct fault *fault);

/* The same with TLS from the first octet on. The certificate is made for this
 * process; who connects to it as `embedded` trusts it. */
bool loop_listen_tls(struct loop *loop, struct service *service,
    const char *host, uint16_t port, uint16_t *bound, struct fault *fault);
/* False: SSLKEYLOGFILE names a file that cannot be written. A session is told
 * with its first handshake; a server has nobody else to tell. */
bool loop_keys_check(struct fault *fault);
/* Writes the CA certificate of those servers to a file, for other programs. */
bool loop_save_ca(struct loop *loop, const char *path, struct fault *fault);

/* Asks these name servers in place of /etc/resolv.conf's: "127.0.0.1:5353"
 * and more behind commas. Before the first connection by name. */
bool loop_name_servers(struct loop *loop, const char *list,
    struct fault *fault);

/* Asks for the mail hosts of a domain (`to` is an mx endpoint) and waits for the
 * answer, at most as long as a name server may take. How many there are, each
 * as an endpoint of its own in `arena`; 0: none can be found. */
uint32_t loop_mail_hosts(struct loop *loop, const struct endpoint *to,
    struct arena *arena, const struct endpoint **hosts);

/* Who computes SASL exchanges; outlives the loop. Without it each one fails. */
struct sasl_engine;
void loop_sasl(struct loop *loop, const struct sasl_engine *engine);

/* --ca: the certificates to trust in place of this machine's, a file or a
 * folder, which is read now; `path` outlives the loop. */
bool loop_trust(struct loop *loop, const char *path, struct fault *fault);

/* --cert, --key: what servers are shown that ask for a certificate, where the
 * step has none. Read and checked now; `key` NULL: it is in the same file. */
bool loop_present(struct loop *loop, const char *cert, const char *key,
    struct fault *fault);

/* Are the PEM files of an ask what they should be? As tls_check of
 * model/build.h; needs no loop. */
struct tls_ask;
bool loop_tls_check(const struct tls_ask *ask, uint8_t *part,
    struct fault *fault);

/* facts.local costs a system call for each connection; load does without. */
void loop_skip_local(struct loop *loop);

/* Sessions of one connection each that the descriptor limit allows. */
uint32_t loop_sessions_max(const struct loop *loop);

struct loop_counts {
	uint32_t actors, clients, listeners, timers;
};
struct loop_counts loop_counts(const struct loop *loop);

#endif
