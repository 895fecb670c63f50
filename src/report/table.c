/* The rows of rows.h as a table. */
#include "model/report.h"

#define REPORTER(name) extern const struct reporter reporter_##name;
#include "report/rows.h"
#undef REPORTER

const struct reporter *const reporter_rows[] = {
#define REPORTER(name) &reporter_##name,
#include "report/rows.h"
#undef REPORTER
	NULL
};

const struct reporter *
reporter_find(struct span name)
{
	for (size_t i = 0; reporter_rows[i] != NULL; i++)
		if (span_is(name, reporter_rows[i]->name))
			return reporter_rows[i];
	return NULL;
}
