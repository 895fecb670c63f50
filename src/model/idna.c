/*
 * U-labels to A-labels, by libidn2: its tables know all of Unicode, what may
 * stand beside what (CONTEXTJ), and the rule of right-to-left names (RFC 5893).
 * It is looked for when the first such name comes (base/library.h), since hardly
 * a run has one; its two functions are declared here, so that no header is
 * needed to build.
 *
 * Strictly IDNA2008 (no mapping of UTS 46): with it "exa<zero width>mple" would
 * be another name than a person reads.
 */
#include "model/idna.h"

#include "base/library.h"

enum { IDNA_NFC_INPUT = 1, IDNA_NO_TR46 = 64, IDNA_OK = 0,
	DOMAIN_MAX = 253, LABEL_MAX = 63, TEXT_MAX = 1024 };

static int (*lookup)(const uint8_t *name, uint8_t **out, int flags);
static void (*release)(void *name);

static const struct library_row rows[] = {
	{ "idn2_lookup_u8", (void **)&lookup },
	{ "idn2_free", (void **)&release },
};

static struct library library = {
	.file = "libidn2.so.0", .name = "libidn2", .use = "IDNA",
	.class = FAULT_SCENARIO, .rows = rows,
	.count = sizeof rows / sizeof *rows
};

/* Of idn2.h, whose numbers are part of its interface. */
static const struct {
	int         status;
	const char *why;
} reasons[] = {
	{ -100, "is more than the memory can hold" },
	{ -200, "is not UTF-8" },
	{ -202, "has an A-label that stands for nothing" },
	{ -203, "has a label above 63 octets" },
	{ -204, "has an A-label that stands for nothing" },
	{ -205, "is too long" },
	{ -206, "has a label above 63 octets" },
	{ -207, "has an A-label that stands for nothing" },
	{ -300, "is not in Unicode's normal form (NFC)" },
	{ -301, "has a label with -- at its third place" },
	{ -302, "has a label that starts or ends with a hyphen" },
	{ -303, "has a label that starts with a combining mark" },
	{ -304, "has a character that no domain may have (RFC 5892)" },
	{ -305, "has an invisible joiner where none belongs" },
	{ -306, "has a character that no domain may have (RFC 5892)" },
	{ -307, "has a character that does not belong there (RFC 5892 A)" },
	{ -308, "has a character that no domain may have (RFC 5892)" },
	{ -309, "has a character that Unicode does not know yet" },
	{ -310, "mixes directions of writing (RFC 5893)" },
	{ -314, "has an A-label that stands for nothing" },
};

static const char *
reason(int status)
{
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].status == status)
			return reasons[i].why;
	return "is no domain name (RFC 5891)";
}

bool
idna_concerns(struct span domain)
{
	struct span label;

	for (size_t i = 0; i < domain.len; i++)
		if ((unsigned char)domain.ptr[i] > 0x7f)
			return true;
	while (span_word(&domain, ".", &label))
		if (span_eq_nocase(span_sub(label, 0, 4), SPAN("xn--")))
			return true;
	return false;
}

/* Registries have to ask this (RFC 5891 4.2.3.1), the library does not. */
static bool
hyphens_fine(struct span domain)
{
	struct span label;

	while (span_word(&domain, ".", &label))
		if (label.len > 0 && (*label.ptr == '-' ||
		    label.ptr[label.len - 1] == '-'))
			return false;
	return true;
}

/* The library asks this of U-labels alone. */
static const char *
lengths_wrong(struct span domain)
{
	struct span label;

	if (span_ends(domain, SPAN(".")))
		domain.len--;
	if (domain.len > DOMAIN_MAX)
		return "is too long";
	do {
		if (!span_word(&domain, ".", &label) || label.len == 0)
			return "has an empty label";
		if (label.len > LABEL_MAX)
			return "has a label above 63 octets";
	} while (domain.ptr != NULL);
	return NULL;
}

static bool
convert(struct span domain, struct buf *out, const char **why)
{
	char     small[TEXT_MAX];
	uint8_t *made = NULL;
	int      status;

	*why = domain.len >= sizeof small ? "is too long" :
	    memchr(domain.ptr, '\0', domain.len) != NULL ? reason(0) :
	    hyphens_fine(domain) ? NULL : reason(-302);
	if (*why != NULL)
		return false;
	for (size_t i = 0; i < domain.len; i++)
		small[i] = (char)(domain.ptr[i] + (domain.ptr[i] >= 'A' &&
		    domain.ptr[i] <= 'Z' ? 'a' - 'A' : 0));
	small[domain.len] = '\0';
	status = lookup((const uint8_t *)small, &made,
	    IDNA_NFC_INPUT | IDNA_NO_TR46);
	*why = status == IDNA_OK ? lengths_wrong(span_of((const char *)made)) :
	    reason(status);
	if (*why == NULL && !buf_add(out, span_of((const char *)made)))
		*why = "is too long";
	if (status == IDNA_OK)
		release(made);
	return *why == NULL;
}

bool
idna_ascii(struct span domain, struct buf *out, const char **why)
{
	struct fault fault;

	*why = "is too long";
	if (!idna_concerns(domain))
		return buf_add(out, domain);
	if (library_find(&library, &fault))
		return convert(domain, out, why);
	*why = "is not ASCII, and libidn2, which could convert it, is not here";
	return false;
}

bool
idna_mailbox(struct span mailbox, struct buf *out, const char **why)
{
	size_t at = mailbox.len;

	while (at > 0 && mailbox.ptr[at - 1] != '@')
		at--;
	for (size_t i = 0; i < at; i++)
		if ((unsigned char)mailbox.ptr[i] > 0x7f) {
			*why = "is not ASCII in front of the @, which only "
			    "SMTPUTF8 can carry";
			return false;
		}
	*why = "is too long";
	/* An address literal is no name. */
	return buf_add(out, span_sub(mailbox, 0, at)) &&
	    (span_starts(span_from(mailbox, at), SPAN("[")) ?
	    buf_add(out, span_from(mailbox, at)) :
	    idna_ascii(span_from(mailbox, at), out, why));
}
