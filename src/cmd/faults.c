/* --fault: what the embedded server is to do wrong, for `serve` and `run`. */
#include "cmd/cmd.h"

#include "base/mem.h"
#include "serve/serve.h"

bool
args_faults(const struct args *args, const char ***specs, size_t *count)
{
	const char  *spec;
	struct fault fault;
	size_t       at = 0;

	*specs = mem_alloc((args->given_count + 1) * sizeof **specs);
	*count = 0;
	while ((spec = args_each(args, "--fault", &at)) != NULL) {
		if (!serve_fault_check(spec, &fault)) {
			say("--fault %s: %s", spec, fault.text);
			return false;
		}
		(*specs)[(*count)++] = spec;
	}
	return true;
}
