/* The mechanisms of `auth`, for `quoth explain`: from the table that scenarios
 * are checked against. */
#include "cmd/explain.h"

#include "model/sasl.h"

static void
list(uint16_t traits, struct buf *out)
{
	static const struct { uint16_t trait; const char *key; } keys[] = {
		{ SASL_USER, "user" }, { SASL_PASSWORD, "password" },
		{ SASL_TOKEN, "token" }, { SASL_MAY_USER, "[user]" },
		{ SASL_AUTHZID, "[authzid]" },
	};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if ((traits & keys[i].trait) != 0) {
			(void)buf_add_text(out, ", ");
			(void)buf_add_text(out, keys[i].key);
		}
}

static const char *
begins(uint16_t traits)
{
	return (traits & SASL_FIRST) != 0 ? "The client speaks first: there is "
	    "an initial response, unless `initial: false` withholds it." :
	    (traits & SASL_MAY_FIRST) != 0 ? "The server speaks first; with "
	    "`initial: true` the user is an initial response." :
	    "The server speaks first.";
}

bool
explain_mechanism(struct span word, struct buf *out)
{
	const struct sasl_mechanism *row = sasl_find(word);
	struct buf keys = buf_new(1 * 1024);

	if (row == NULL)
		return false;
	explain_head(out, span_of(row->name), "a mechanism of auth");
	(void)buf_addf(&keys, "auth: { mechanism: %s", row->name);
	list(row->traits, &keys);
	(void)buf_add(&keys, SPAN(" }\0"));
	explain_part(out, "syntax", keys.ptr);
	explain_part(out, "source", row->source);
	explain_part(out, "begins", begins(row->traits));
	if ((row->traits & SASL_BINDING) != 0)
		explain_part(out, "binds", "To the TLS connection: "
		    "tls-exporter (RFC 9266) in TLS 1.3, tls-unique "
		    "(RFC 5929) before.");
	buf_free(&keys);
	return true;
}

const char *
explain_mechanism_name(size_t at)
{
	return sasl_mechanisms[at].name;
}

/* Behind what `auth` is. */
bool
explain_mechanisms(struct span word, struct buf *out)
{
	struct buf names = buf_new(1 * 1024);

	if (!span_is(word, "auth") && !span_is(word, "mechanism"))
		return false;
	for (size_t i = 0; sasl_mechanisms[i].name != NULL; i++)
		(void)buf_addf(&names, "%s%s", i == 0 ? "" : ", ",
		    sasl_mechanisms[i].name);
	(void)buf_add(&names, SPAN("\0"));
	explain_part(out, "knows", names.ptr);
	buf_free(&names);
	return true;
}
