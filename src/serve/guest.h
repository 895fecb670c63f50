/*
 * What the files of this folder share: the server, and one client of it. An
 * idle client is one allocation below 400 octets; the line buffer lives only
 * while half a line is here, the letter only within a transaction that will
 * be kept.
 */
#ifndef QUOTH_SERVE_GUEST_H
#define QUOTH_SERVE_GUEST_H

#include "serve/dot.h"
#include "serve/faults.h"
#include "serve/maildir.h"
#include "serve/serve.h"

enum {
	GUEST_COMMAND_MAX = 512,       /* RFC 5321 4.5.3.1.4, with CRLF */
	GUEST_LINE_MAX = 2048          /* MAIL and RCPT: room for the parameters
	                                 * of SIZE, SMTPUTF8 and DSN */
};

struct server {
	struct service service;         /* first: the seam hands it back */
	struct buf     host;            /* its name */
	struct buf     banner, helo;    /* whole replies, made once */
	struct buf     ehlo[3];         /* [1]: under TLS, [2]: and AUTH may
	                                 * bind to it */
	bool           tls;             /* offers STARTTLS */
	struct maildir maildir;
	const struct sasl_engine *sasl; /* NULL: no AUTH */
	bool           auth_only, auth_tls;     /* see serve.h */
	bool           keeps;           /* there is a maildir */
	bool           lmtp;
	uint32_t       size_max;
	uint64_t       seed, queued;
	struct faults *faults;          /* NULL: none */
	size_t         held;            /* octets of all letters in memory */
	int64_t      (*now)(void);
};

/* The order of a talk (RFC 5321 4.1.4). */
enum phase {
	PHASE_NEW,                      /* no EHLO yet */
	PHASE_READY,
	PHASE_AUTH,                     /* lines are responses: auth.c */
	PHASE_MAIL,                     /* a sender, no recipient accepted yet */
	PHASE_RCPT,
	PHASE_DATA,                     /* after 354: octets are the message's */
	PHASE_CHUNK                     /* after BDAT: chunk_left of them are */
};

/* An envelope and its message, as the maildir will keep them. */
struct letter {
	struct buf sender;              /* "<a@b>" */
	struct buf recipients;          /* "X-Envelope-To: <c@d>\r\n" each */
	struct buf body;
};

struct guest {
	struct server *server;
	struct buf     line;            /* the first part of a command line */
	struct letter *letter;          /* NULL unless server->keeps */
	struct faults_state *faults;    /* NULL: none */
	char          *name;            /* EHLO's argument; only if kept */
	char          *client;          /* XCLIENT's ADDR; only if kept */
	struct buf     results;         /* answers to the message: a line each;
	                                 * results.c */
	struct auth   *auth;            /* PHASE_AUTH: the exchange */
	struct span    binding;         /* of TLS: static, see model/sasl.h */
	struct buf     bound;
	uint64_t       octets;          /* of the message so far */
	uint32_t       recipients;      /* accepted */
	uint16_t       errors;
	uint8_t        phase;           /* enum phase */
	uint8_t        dot;             /* enum dot_state */
	bool           swallowing;      /* the line became too long */
	bool           swallows_auth;   /* it is one of AUTH */
	bool           secured;         /* TLS protects it */
	bool           known;           /* authenticated */
	uint8_t        auth_failures;
	bool           extended;        /* greeted with EHLO */
	bool           utf8;            /* MAIL ... SMTPUTF8 */
	bool           refused;         /* a recipient was, in this transaction */
	bool           no_room;         /* server->held came to its limit */
	bool           binary;          /* MAIL ... BODY=BINARYMIME */
	bool           chunked;         /* BDAT began the message */
	bool           chunk_last;
	bool           torn;            /* a chunk was refused: no message until
	                                 * the last one or RSET */
	uint8_t        chunk_phase;     /* enum phase, behind the chunk */
	uint64_t       chunk_left;      /* octets */
	const char    *chunk_refusal;   /* the reply; NULL: it is kept */
	char           peer[];          /* NUL-terminated */
};

/* One reply line. `text` is code, enhanced code where one belongs, and prose;
 * CRLF is added. Counts syntax and sequence errors; one too many is answered
 * with 421 in its place. The result is what bytes() has to return. */
enum service_next guest_answer(struct guest *guest, struct buf *out,
    const char *text);

/* The same without counting. */
enum service_next guest_say(struct buf *out, const char *text);

/* "421 4.x.y HOST text". */
void guest_farewell(const struct server *server, struct buf *out,
    const char *enhanced, const char *text);

/* Adds to one of the letter's buffers; false: that is more than a message, or
 * than all clients together (LIMIT_SERVE_HELD), may hold. */
bool guest_hold(struct guest *guest, struct buf *buf, struct span bytes);

/* The transaction is over or never was; what was kept of it is freed. */
void guest_reset(struct guest *guest);

/* RFC 4954 6: the server takes mail from whom it knows, which is not this one.
 * The reply to what he may not do yet. */
bool guest_is_stranger(const struct guest *guest);
extern const char guest_stranger[];

/* Any octets from the client, in order. */
enum service_next guest_bytes(struct guest *guest, struct span in,
    struct buf *out);

/* A command line without its line end, and its octets with it. */
enum service_next guest_command(struct guest *guest, struct span line,
    size_t octets, struct buf *out);

/* The commands in the order of their table; NULL: there are no more. */
const char *command_name(size_t at);

/* Rows of that table, each in the file of its concern. `arg` is trimmed. */
typedef enum service_next command_call(struct guest *guest, struct span arg,
    struct buf *out);
command_call auth_run, hello_ehlo, hello_helo, hello_starttls, envelope_mail,
    envelope_rcpt, message_data, chunk_bdat, vrfy_run, list_expn, list_etrn,
    xclient_run, xclient_forward;

/* A message begins, gets octets, and is over; a refusal that is certain before
 * its end is not NULL. */
void message_begin(struct guest *guest);
void message_keep(struct guest *guest, struct span text);
const char *message_refusal(const struct guest *guest);
enum service_next message_finish(struct guest *guest, struct buf *out);

/* Octets of a chunk: how many were taken. */
size_t chunk_take(struct guest *guest, struct span in, struct buf *out,
    enum service_next *next);

/* Keeps what the accepted recipient will be told after the message: `code` 0:
 * what became of the message. False: that is too much. */
bool results_add(struct guest *guest, struct span path, unsigned code,
    struct span enhanced);

/* Does a recipient wait for what becomes of the message? */
bool results_wait(const struct guest *guest);

/* The answers to a message: one, or (LMTP) one for each recipient. `refused`:
 * the line for all of them; else it was queued as `id`. */
enum service_next results_tell(struct guest *guest, const char *refused,
    const char *id, struct buf *out);

/* Octets of a message after 354: how many were the message's. */
size_t message_take(struct guest *guest, struct span in, struct buf *out,
    enum service_next *next);

#endif
