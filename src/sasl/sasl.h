/*
 * The engine of model/sasl.h: mechanisms by GNU SASL, the two of OAuth by our
 * own code. libgsasl is found at the first exchange that needs it, and has one
 * context for the process, never freed. client() and server() are called by one
 * thread; an exchange may step in any.
 */
#ifndef QUOTH_SASL_SASL_H
#define QUOTH_SASL_SASL_H

#include "model/sasl.h"

extern const struct sasl_engine sasl_gsasl;

#endif
