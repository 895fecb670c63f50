/* Inside of sasl.c and sasl_thread.c. */
#ifndef QUOTH_NET_SASL_OWN_H
#define QUOTH_NET_SASL_OWN_H

#include "net/inside.h"

#include "model/sasl.h"

struct sums;

struct exchange {
	const struct sasl_engine *engine;
	struct sasl     *sasl;
	struct seat     *seat;          /* NULL: nobody waits for it */
	struct sums     *sums;
	struct exchange *next;
	struct buf       in, out;
	struct fault     fault;
	uint8_t          step;          /* enum sasl_step */
	uint8_t          conn;
	bool             busy;          /* a thread's; hands off */
	bool             begins;        /* nothing came before this step */
	char             bound[SASL_BOUND_MAX];         /* of the TLS connection */
};

void sasl_free(struct exchange *exchange);
/* One step of it, in whichever thread. */
void sasl_compute(struct exchange *exchange);

/* sasl_thread.c: computes it in a thread of its own, and tells the seat. False:
 * there is none. */
bool sasl_thread(struct exchange *exchange);

#endif
