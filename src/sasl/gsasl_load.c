/*
 * GNU SASL, found when the first exchange wants it (base/library.h): most runs
 * authenticate nobody, and it brings GSS-API and NTLM along. Its context is
 * read by every exchange, written by none.
 */
#include "base/library.h"
#include "sasl/sasl_own.h"

#define LIBRARY_ROWS "sasl/gsasl_rows.h"
#include "base/library_rows.h"

static struct library library = {
	.file = "libgsasl.so.18", .name = "GNU SASL 2", .use = "AUTH",
	.class = FAULT_SASL, .rows = rows, .count = sizeof rows / sizeof *rows
};

Gsasl *
gsasl_load(struct fault *fault)
{
	static Gsasl *context;
	int           rc;

	if (context != NULL)
		return context;
	if (!library_find(&library, fault))
		return NULL;
	rc = gsasl_init(&context);
	if (rc != GSASL_OK) {
		context = NULL;
		(void)fault_set(fault, FAULT_SASL, "GNU SASL does not start: "
		    "%.150s", gsasl_strerror(rc));
		return NULL;
	}
	gsasl_callback_set(context, server_callback);
	return context;
}
