/*
 * One thing that went wrong, as data: a class that decides the exit code, the
 * author's place if there is one, and one sentence without the place.
 */
#ifndef QUOTH_BASE_FAULT_H
#define QUOTH_BASE_FAULT_H

#include "base/loc.h"

enum fault_class {
	FAULT_USAGE, FAULT_SCENARIO, FAULT_TRUST, FAULT_CONNECT, FAULT_TLS,
	FAULT_SASL, FAULT_SCRIPT, FAULT_LIMIT, FAULT_INTERNAL
};

struct fault {
	enum fault_class class;
	struct loc       loc;
	char             text[240];
};

/* Fills `fault` and returns false, so that `return fault_set(...)` reads well. */
bool fault_set(struct fault *fault, enum fault_class class,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
