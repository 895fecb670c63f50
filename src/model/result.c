/* The names of verdicts and causes, as reports and `quoth explain` show them. */
#include "model/result.h"

#include <assert.h>
#include <stddef.h>

const char *const result_names[RESULT_COUNT] = {
	[RESULT_PASS] = "pass",
	[RESULT_AGAIN] = "again",
	[RESULT_WARN] = "warn",
	[RESULT_NOT_RUN] = "not-run",
	[RESULT_SKIP] = "skip",
	[RESULT_FAIL] = "fail",
	[RESULT_ERROR] = "error",
};
static_assert(RESULT_ERROR == RESULT_COUNT - 1, "a result lacks its name");

const char *const cause_names[CAUSE_COUNT] = {
	[CAUSE_NONE] = "none",
	[CAUSE_CODE] = "code",
	[CAUSE_MATCH] = "match",
	[CAUSE_FLAW] = "flaw",
	[CAUSE_EARLY] = "early",
	[CAUSE_LATE] = "late",
	[CAUSE_NOISE] = "noise",
	[CAUSE_CONNECT] = "connect",
	[CAUSE_TLS] = "tls",
	[CAUSE_SASL] = "sasl",
	[CAUSE_CLOSED] = "closed",
	[CAUSE_TIMEOUT] = "timeout",
	[CAUSE_PLAN] = "plan",
	[CAUSE_LIMIT] = "limit",
	[CAUSE_SOURCE] = "source",
	[CAUSE_NEEDS] = "needs",
	[CAUSE_CANCEL] = "cancel",
};
static_assert(CAUSE_CANCEL == CAUSE_COUNT - 1, "a cause lacks its name");
