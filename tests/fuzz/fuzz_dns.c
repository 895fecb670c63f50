/*
 * Any octets as the answer of a name server: they are read to an end, and give
 * hosts or a reason, and lines for people that hold no control octet.
 */
#include "net/dns_mx_own.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mx_answer *answer = mem_alloc(sizeof *answer);
	struct span       message = { (const char *)data, size };

	answer->notes = buf_new(8 * KIB);
	mx_take(answer, "example.test", message);
	must((answer->count > 0) != (answer->why[0] != '\0'));
	must(answer->count <= MX_HOSTS);
	for (uint32_t i = 0; i < answer->count; i++) {
		must(answer->hosts[i].name[0] != '\0');
		must(strlen(answer->hosts[i].name) < DNS_NAME);
		must(i == 0 || answer->hosts[i - 1].preference <=
		    answer->hosts[i].preference);
	}
	mx_take_sts(answer, "example.test", message);
	mx_take_tlsa(&answer->hosts[0], message);
	mx_note_hosts(answer, "example.test");
	for (size_t i = 0; i < answer->notes.len; i++)
		must(answer->notes.ptr[i] == '\n' || (answer->notes.ptr[i] >=
		    ' ' && answer->notes.ptr[i] <= '~'));
	buf_free(&answer->notes);
	mem_free(answer);
	return 0;
}
