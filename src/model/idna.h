/* Internationalized domain names (IDNA2008, RFC 5891) as DNS, certificates and
 * servers without SMTPUTF8 know them: A-labels, "xn--bcher-kva". */
#ifndef QUOTH_MODEL_IDNA_H
#define QUOTH_MODEL_IDNA_H

#include "base/buf.h"

/* Appends the domain with its U-labels as A-labels. ASCII letters may be large;
 * nothing else is mapped, so that no name becomes another one than a reader
 * sees. What is ASCII stays as it is, but an A-label has to be a good one.
 * False, with one clause in `why`: "has a label above 63 octets". */
bool idna_ascii(struct span domain, struct buf *out, const char **why);

/* The same for an address: what is behind its last @. */
bool idna_mailbox(struct span mailbox, struct buf *out, const char **why);

/* Is there anything to convert or to check? Else no library is looked for. */
bool idna_concerns(struct span domain);

#endif
