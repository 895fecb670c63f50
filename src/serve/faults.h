/*
 * Faults on request: what a server does wrong because somebody wants to see
 * how a client takes it. One option is one fault,
 *
 *   KIND [ "=" VALUE ] [ "@" PLACE [ "#" RANGE ] [ "/" RANGE ] ]
 *   RANGE = N | N "+" | N ".." M
 *
 * where # counts the answers of that place within a connection and / the
 * connections of the server. The place stands behind the last "@".
 * A server without faults has none of this: one pointer that is NULL.
 */
#ifndef QUOTH_SERVE_FAULTS_H
#define QUOTH_SERVE_FAULTS_H

#include "base/buf.h"
#include "base/fault.h"
#include "model/service.h"

/* Where an answer stands; commands are counted from FAULTS_COMMANDS on. */
enum faults_place {
	FAULTS_ANY,                     /* every answer; no handshake */
	FAULTS_BANNER,
	FAULTS_BODY,                    /* behind the end of data */
	FAULTS_TLS,                     /* the server's side of a handshake */
	FAULTS_OTHER,                   /* a line that is no command */
	FAULTS_COMMANDS
};

enum faults_value {
	FAULTS_NO_VALUE, FAULTS_MS, FAULTS_OCTETS, FAULTS_TEXT
};

struct faults_act;
struct faults_item;

struct faults_row {
	const char *name;
	const char *usage;              /* with its value */
	const char *help;
	void      (*apply)(const struct faults_item *, struct faults_act *);
	uint8_t     value;              /* enum faults_value */
	bool        needed;             /* the value is */
	bool        tls;                /* may spoil a handshake */
	uint32_t    number;             /* unless a value says more */
	const char *text;
};
extern const struct faults_row faults_rows[];   /* ended by name NULL */
extern const struct faults_row faults_code;     /* NNN */

struct faults_range { uint32_t first, last; };

struct faults_item {
	const struct faults_row *row;
	char               *text;       /* a reply without line end, or NULL */
	uint32_t            number;     /* milliseconds, octets, a code */
	uint32_t            place;
	struct faults_range nth, client;
};

/* Of a server; in the order in which they are applied. */
struct faults {
	struct faults_item  *items;
	uint32_t             count, places;
	uint32_t             clients;   /* so far */
	bool                 tls;       /* one of them is at a handshake */
	struct faults_state *nobody;    /* before a client has a talk */
};

/* Of a client. */
struct faults_state {
	const struct faults *faults;
	const struct faults_item *answer;       /* a code in place of the answer
	                                         * under way; or NULL */
	uint32_t place;                         /* of that answer */
	uint32_t client;                        /* number of the connection */
	bool     muted;
	uint32_t seen[];                        /* of each place */
};

/* One option; false with a sentence. */
bool faults_parse(const char *spec, struct faults_item *item,
    struct fault *fault);
void faults_item_free(struct faults_item *item);

/* NULL with a fault; also when there are more than LIMIT_SERVE_FAULTS. */
struct faults *faults_new(const char *const *specs, size_t count,
    struct fault *fault);
void faults_free(struct faults *faults);        /* NULL is fine */

/* For a client that comes. */
struct faults_state *faults_client(struct faults *faults);
/* For a handshake before open(). */
struct faults_state *faults_nobody(struct faults *faults);

/* An answer is due there. The reply to give in its place, or NULL. */
const char *faults_begin(struct faults_state *state, uint32_t place);

/* That answer stands in `out` from `from` on, `next` is what follows, `unread`
 * octets of the input are left. What bytes() has to return. */
enum service_next faults_spoil(struct faults_state *state, struct buf *out,
    size_t from, size_t unread, enum service_next next,
    struct service_pace *pace);

#endif
