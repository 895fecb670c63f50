/*
 * GNU SASL, found when the first exchange wants it (base/library.h): most runs
 * authenticate nobody, and it brings GSS-API and NTLM along. Its context is
 * read by every exchange, written by none.
 */
#include "base/library.h"
#include "sasl/sasl_own.h"

#define GIVES(type, name, params, args) \
	static type (*real_##name) params; \
	type name params { return real_##name args; }
#define CALLS(name, params, args) \
	static void (*real_##name) params; \
	void name params { real_##name args; }
#include "sasl/gsasl_rows.h"
#undef GIVES
#undef CALLS

static const struct library_row rows[] = {
#define GIVES(type, name, params, args) { #name, (void **)&real_##name },
#define CALLS(name, params, args) { #name, (void **)&real_##name },
#include "sasl/gsasl_rows.h"
#undef GIVES
#undef CALLS
};

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
