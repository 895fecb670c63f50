/*
 * Makes stand-ins and `rows` (base/library.h) of the rows of the header that
 * LIBRARY_ROWS names: GIVES(type, name, params, args) is a function with a
 * result, CALLS(name, params, args) one without. Included once, by the file
 * that finds the library, behind the library's own headers: a row that is not
 * what they say does not compile.
 */
#define GIVES(type, name, params, args) \
	static type (*real_##name) params; \
	type name params { return real_##name args; }
#define CALLS(name, params, args) \
	static void (*real_##name) params; \
	void name params { real_##name args; }
#include LIBRARY_ROWS
#undef GIVES
#undef CALLS

static const struct library_row rows[] = {
#define GIVES(type, name, params, args) { #name, (void **)&real_##name },
#define CALLS(name, params, args) { #name, (void **)&real_##name },
#include LIBRARY_ROWS
#undef GIVES
#undef CALLS
};
