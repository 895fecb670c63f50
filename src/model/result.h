/* Verdicts and their causes, with the names that people see. */
#ifndef QUOTH_MODEL_RESULT_H
#define QUOTH_MODEL_RESULT_H

/* Ordered: a scenario's result is its worst step's. */
enum result {
	RESULT_PASS,
	RESULT_AGAIN,           /* a round of `eventually` that did not hold yet */
	RESULT_WARN,            /* `level: should` failed, or a mild flaw */
	RESULT_NOT_RUN,
	RESULT_SKIP,
	RESULT_FAIL,
	RESULT_ERROR,
	RESULT_COUNT
};
extern const char *const result_names[RESULT_COUNT];    /* "pass" ... */

/* What retry.on, the exit code and reports look at. */
enum cause {
	CAUSE_NONE,
	CAUSE_CODE,             /* another reply than expected */
	CAUSE_MATCH,            /* the code fits, another key does not */
	CAUSE_FLAW,             /* a malformed reply */
	CAUSE_EARLY,            /* sooner than `after` */
	CAUSE_LATE,             /* later than `within` */
	CAUSE_NOISE,            /* unsolicited or unread octets */
	CAUSE_CONNECT, CAUSE_TLS, CAUSE_SASL, CAUSE_CLOSED, CAUSE_TIMEOUT,
	CAUSE_PLAN,             /* the act could not be made: a bad variable */
	CAUSE_LIMIT, CAUSE_SOURCE,
	CAUSE_NEEDS,            /* skipped: not offered */
	CAUSE_CANCEL,           /* interrupted */
	CAUSE_COUNT
};
extern const char *const cause_names[CAUSE_COUNT];

#endif
