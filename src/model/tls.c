/* Names of TLS versions, and a handshake in one line. */
#include "model/tls.h"

#include "base/buf.h"

const char *const tls_version_names[TLS_VERSIONS] = {
	[TLS_UNSET] = "any", [TLS_1_0] = "TLSv1.0", [TLS_1_1] = "TLSv1.1",
	[TLS_1_2] = "TLSv1.2", [TLS_1_3] = "TLSv1.3",
};

enum tls_version
tls_version_find(struct span name)
{
	for (int i = TLS_UNSET + 1; i < TLS_VERSIONS; i++)
		if (span_is(name, tls_version_names[i]))
			return (enum tls_version)i;
	return TLS_UNSET;
}

void
tls_describe(const struct tls_facts *facts, struct buf *out)
{
	(void)buf_addf(out, "%s, %s", facts->version, facts->cipher);
	if (facts->resumed)
		(void)buf_add_text(out, ", resumed");
	(void)buf_add_text(out, facts->verified ? ", verified" :
	    ", not verified");
	if (!facts->verified && facts->why[0] != '\0')
		(void)buf_addf(out, " (%s)", facts->why);
	if (!facts->has_cert)
		return;
	if (facts->fits != NULL)
		(void)buf_addf(out, ", %s", facts->fits);
	else if (facts->name_count > 0)
		(void)buf_addf(out, ", %s", facts->names[0]);
	else if (facts->subject[0] != '\0')
		(void)buf_addf(out, ", %s", facts->subject);
	if (facts->days_left < 0)
		(void)buf_addf(out, ", expired %d day%s ago",
		    -facts->days_left, facts->days_left == -1 ? "" : "s");
	else
		(void)buf_addf(out, ", %d day%s left", facts->days_left,
		    facts->days_left == 1 ? "" : "s");
}
