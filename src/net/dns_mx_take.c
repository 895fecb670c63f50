/* What the records of a domain mean for its mail. */
#include "net/dns_mx_own.h"

#include "base/text.h"

#include <stdio.h>

enum { RECORDS_MAX = 256, NOTE_MAX = 240, TLSA_MAX = 4 };

/* Letters, digits, dots, hyphens, and no address: what a host is called. */
static bool
is_host(const char *name)
{
	struct address address;

	return *name != '\0' && strchr(name, '?') == NULL &&
	    !address_parse(name, 0, &address);
}

/* Equal ones by name, so that two runs are the same. */
static bool
goes_before(const struct mx_host *a, const struct mx_host *b)
{
	return a->preference != b->preference ?
	    a->preference < b->preference : strcmp(a->name, b->name) < 0;
}

/* The best MX_HOSTS stay. */
static void
host_add(struct mx_answer *answer, const struct mx_host *host)
{
	uint32_t at = answer->count;

	if (at == MX_HOSTS) {
		if (!goes_before(host, &answer->hosts[at - 1]))
			return;
		at--;
	} else {
		answer->count++;
	}
	for (; at > 0 && goes_before(host, &answer->hosts[at - 1]); at--)
		answer->hosts[at] = answer->hosts[at - 1];
	answer->hosts[at] = *host;
}

/* A name that is listed again is no other host: its best preference counts. */
static bool
is_again(struct mx_answer *answer, const struct mx_host *host)
{
	for (uint32_t i = 0; i < answer->count; i++) {
		struct mx_host *old = &answer->hosts[i];

		if (!span_eq_nocase(span_of(old->name), span_of(host->name)))
			continue;
		if (host->preference < old->preference) {
			answer->count--;
			memmove(old, old + 1,
			    (answer->count - i) * sizeof *old);
			host_add(answer, host);
		}
		return true;
	}
	return false;
}

enum { AGAIN = 2 };

/* One MX: 1 a host, 0 the null MX, -1 none that could be tried; AGAIN. */
static int
exchange_read(struct mx_answer *answer, struct span message,
    const struct dns_record *record)
{
	struct mx_host host = { .tlsa = "" };

	if (record->rdata.len < 3 || dns_name(message, record->rdata_at + 2,
	    host.name) == 0)
		return -1;
	host.preference = (uint16_t)((unsigned char)record->rdata.ptr[0] << 8 |
	    (unsigned char)record->rdata.ptr[1]);
	if (*host.name == '\0')
		return 0;
	if (!is_host(host.name)) {
		(void)buf_addf(&answer->notes, "MX %u %s is not the name of a "
		    "host (RFC 5321 5.1)\n", host.preference, host.name);
		return -1;
	}
	if (is_again(answer, &host))
		return AGAIN;
	host_add(answer, &host);
	return 1;
}

void
mx_implicit(struct mx_answer *answer, const char *domain)
{
	answer->implicit = true;
	answer->count = 1;
	answer->hosts[0] = (struct mx_host){ .preference = 0 };
	(void)snprintf(answer->hosts[0].name, sizeof answer->hosts[0].name,
	    "%s", domain);
}

/* The last alias is one that was named before: nobody ever gets anywhere. */
static bool
goes_round(struct span message, const char *alias)
{
	struct dns_records records;
	struct dns_record  record;

	if (*alias == '\0' || !dns_records_begin(message, &records))
		return false;
	while (dns_records_next(&records, &record))
		if (record.type == DNS_CNAME &&
		    span_eq_nocase(span_of(record.name), span_of(alias)))
			return true;
	return false;
}

/* How many MX records of each kind there are, and the last alias before them. */
struct tally {
	uint32_t hosts, nulls, others;
	char     alias[DNS_NAME];
};

static void
records_read(struct mx_answer *answer, struct span message,
    struct dns_records *records, struct tally *tally)
{
	struct dns_record record;

	while (tally->hosts + tally->nulls + tally->others < RECORDS_MAX &&
	    dns_records_next(records, &record)) {
		int kind;

		if (record.type == DNS_CNAME)
			(void)dns_name(message, record.rdata_at, tally->alias);
		if (record.type != DNS_MX)
			continue;
		kind = exchange_read(answer, message, &record);
		tally->hosts += kind == 1;
		tally->nulls += kind == 0;
		tally->others += kind < 0;
	}
}

/* There is no host; NULL: the domain itself is one. That must not come of an
 * answer whose records nobody could read. */
static const char *
why_no_host(const struct tally *tally, struct span message, bool whole)
{
	if (tally->nulls > 0 && tally->others == 0)
		return "the domain takes no mail: null MX (RFC 7505)";
	if (goes_round(message, tally->alias))
		return "its aliases (CNAME) go round in a circle";
	if (tally->others > 0)
		return "none of its MX records names a host";
	return dns_truncated(message) ? "the name server cut its answer short" :
	    whole ? NULL : "the name server's answer is malformed";
}

void
mx_take(struct mx_answer *answer, const char *domain, struct span message)
{
	struct dns_records records;
	struct tally       tally = { .alias = "" };
	const char        *why = "the name server's answer is malformed";

	if (dns_records_begin(message, &records)) {
		records_read(answer, message, &records, &tally);
		why = tally.hosts > 0 ? NULL : why_no_host(&tally, message,
		    records.left == 0);
		if (tally.hosts == 0 && why == NULL)
			mx_implicit(answer, domain);
	}
	if (tally.alias[0] != '\0')
		(void)buf_addf(&answer->notes, "%.100s is an alias of %.100s\n",
		    domain, tally.alias);
	if (tally.nulls > 0 && tally.hosts + tally.others > 0)
		(void)buf_addf(&answer->notes, "a null MX beside others means "
		    "nothing (RFC 7505 3)\n");
	if (tally.hosts > MX_HOSTS)
		(void)buf_addf(&answer->notes, "%u more hosts are not tried\n",
		    tally.hosts - MX_HOSTS);
	if (why != NULL)
		(void)snprintf(answer->why, sizeof answer->why, "%s", why);
}

void
mx_note_hosts(struct mx_answer *answer, const char *domain)
{
	struct buf line = buf_new(NOTE_MAX);

	if (answer->implicit) {
		(void)buf_addf(&answer->notes, "%.200s has no MX: its own "
		    "address stands in (RFC 5321 5.1)\n", domain);
		return;
	}
	for (uint32_t i = 0; i < answer->count; i++)
		(void)buf_addf(&line, "%s%u %s", i == 0 ? "" : ", ",
		    answer->hosts[i].preference, answer->hosts[i].name);
	(void)buf_addf(&answer->notes, "MX of %.200s: %.*s%s\n", domain,
	    SPAN_ARG(buf_span(&line)), line.full ? ", ..." : "");
	buf_free(&line);
}

void
mx_note_tlsa(const struct mx_host *host, struct buf *notes)
{
	if (*host->tlsa != '\0')
		(void)buf_addf(notes, "TLSA of %.200s: %s (whether it is signed "
		    "was not asked)\n", host->name, host->tlsa);
}

/* A digest has its length (RFC 6698 2.1.3), and nothing is no certificate. */
static bool
tlsa_whole(struct span rdata)
{
	int matching = (unsigned char)rdata.ptr[2];

	return matching == 1 ? rdata.len == 3 + 32 : matching == 2 ?
	    rdata.len == 3 + 64 : rdata.len > 3;
}

/* RFC 6698 2.1: usage, selector, matching type, data. */
void
mx_take_tlsa(struct mx_host *host, struct span message)
{
	struct dns_records records;
	struct dns_record  record;
	uint32_t count = 0;
	size_t   len = 0;

	if (!dns_records_begin(message, &records))
		return;
	while (count < TLSA_MAX && dns_records_next(&records, &record)) {
		const unsigned char *data =
		    (const unsigned char *)record.rdata.ptr;

		if (record.type != DNS_TLSA || record.rdata.len < 3)
			continue;
		len += (size_t)snprintf(host->tlsa + len,
		    sizeof host->tlsa - len, "%s%u %u %u%s", count == 0 ? "" :
		    ", ", data[0], data[1], data[2],
		    tlsa_whole(record.rdata) ? "" : " malformed");
		count++;
	}
}

/* The character-strings of a TXT as one, for people. */
static void
txt_join(struct span rdata, char out[NOTE_MAX])
{
	size_t len = 0, at = 0;

	while (at < rdata.len) {
		size_t size = (unsigned char)rdata.ptr[at];
		struct span part = span_sub(rdata, at + 1, size);

		for (size_t i = 0; i < part.len && len + 1 < NOTE_MAX; i++)
			out[len++] = part.ptr[i] >= ' ' && part.ptr[i] <= '~' ?
			    part.ptr[i] : '?';
		at += 1 + size;
	}
	out[len] = '\0';
}

void
mx_take_sts(struct mx_answer *answer, const char *domain, struct span message)
{
	struct dns_records records;
	struct dns_record  record;
	char     text[NOTE_MAX], policy[NOTE_MAX] = "";
	uint32_t count = 0;

	if (!dns_records_begin(message, &records))
		return;
	while (dns_records_next(&records, &record)) {
		if (record.type != DNS_TXT)
			continue;
		txt_join(record.rdata, text);
		if (!span_starts(span_of(text), SPAN("v=STSv1")) ||
		    strchr("; \t", text[sizeof "v=STSv1" - 1]) == NULL)
			continue;
		count++;
		memcpy(policy, text, sizeof policy);
	}
	if (count == 1)
		(void)buf_addf(&answer->notes, "MTA-STS of %.100s: %.120s\n",
		    domain, policy);
	else if (count > 1)
		(void)buf_addf(&answer->notes, "MTA-STS of %.100s: %u records, "
		    "which count as none (RFC 8461 3.1)\n", domain, count);
}
