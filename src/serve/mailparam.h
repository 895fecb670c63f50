/*
 * The parameters behind MAIL's and RCPT's path: SIZE (RFC 1870), BODY (6152,
 * 3030), SMTPUTF8 (6531), RET ENVID NOTIFY ORCPT (3461), BY (2852), HOLDFOR
 * HOLDUNTIL (4865), MT-PRIORITY (6710), REQUIRETLS (8689), AUTH (4954). One
 * row each.
 *
 *   esmtp-param = esmtp-keyword [ "=" esmtp-value ]         ; RFC 5321 4.1.2
 */
#ifndef QUOTH_SERVE_MAILPARAM_H
#define QUOTH_SERVE_MAILPARAM_H

#include "base/span.h"

enum mailparam_of { MAILPARAM_MAIL = 1, MAILPARAM_RCPT = 2 };

struct mailparams {
	uint64_t size;          /* 0: not given */
	bool     binary;        /* BODY=BINARYMIME */
	bool     utf8;          /* MAIL: SMTPUTF8 was given; RCPT: set it before */
	bool     secured;       /* set it before: TLS is in use */
	bool     auth;          /* set before: AUTH is offered */
	uint32_t seen;          /* rows, to refuse a second one */
	unsigned holds;         /* HOLDFOR and HOLDUNTIL */
};

/* What FUTURERELEASE says in EHLO: seconds, and a moment far away, so that the
 * reply is the same in every run. */
enum { MAILPARAM_HOLD_MAX = 86400 };
extern const char mailparam_hold_until[];

/* NULL when all of `in` is good, else the reply that refuses it. */
const char *mailparam_read(struct span in, enum mailparam_of of,
    struct mailparams *out);

#endif
