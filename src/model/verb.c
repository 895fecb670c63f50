/* What verbs share: one command line. */
#include "model/verb.h"

#include "base/limits.h"

bool
plan_line(struct plan *plan, struct span line, struct want *want,
    struct fault *fault)
{
	size_t start = plan->out->len;

	if (memchr(line.ptr, '\n', line.len) != NULL ||
	    memchr(line.ptr, '\r', line.len) != NULL)
		return fault_set(fault, FAULT_SCENARIO,
		    "a variable puts a line break into the command; it would "
		    "be two commands");
	if (line.len > LIMIT_COMMAND)
		return fault_set(fault, FAULT_LIMIT,
		    "the command is longer than %d KiB", LIMIT_COMMAND / KIB);
	if (!buf_add(plan->out, line) || !buf_add(plan->out, SPAN("\r\n")))
		return fault_set(fault, FAULT_LIMIT,
		    "the pipeline is longer than %zu KiB",
		    plan->out->max / KIB);
	*want = (struct want){ .kind = WANT_WRITE, .made = true,
	    .bytes = span_from(buf_span(plan->out), start) };
	plan->ask = plan->proto->ask == NULL ? (struct ask){ 0 } :
	    plan->proto->ask(plan->talk, line);
	return true;
}
