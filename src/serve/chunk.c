/*
 * BDAT (RFC 3030 2): a chunk of the message behind its size, without dots. The
 * octets of a refused one are read as well, so that the reply stands where it
 * belongs; the transaction is over then, and further chunks are refused until
 * the next MAIL.
 *
 *   bdat-cmd = "BDAT" SP 1*20DIGIT [ SP "LAST" ]
 */
#include "serve/guest.h"

static bool
size_read(struct span arg, uint64_t *size, bool *last)
{
	size_t      blank = span_chr(arg, ' ');
	struct span end = blank == SIZE_MAX ? (struct span){ "", 0 } :
	    span_trim(span_from(arg, blank));

	*last = span_eq_nocase(end, SPAN("LAST"));
	return span_u64(span_sub(arg, 0, blank), size) &&
	    (*last || end.len == 0);
}

/* NULL: the chunk is welcome. */
static const char *
chunk_refusal(const struct guest *guest)
{
	if (guest->phase == PHASE_RCPT)
		return NULL;
	return guest->phase == PHASE_NEW ? guest->server->lmtp ?
	    "503 5.5.1 Send LHLO first" : "503 5.5.1 Send EHLO first" :
	    guest->phase == PHASE_READY ? "503 5.5.1 Send MAIL first" :
	    guest->refused ? guest->server->lmtp ?
	    "503 5.5.1 No valid recipients" :   /* RFC 2033 4.2 */
	    "554 5.5.1 No valid recipients" :
	    "503 5.5.1 Send RCPT first";
}

static enum service_next
chunk_over(struct guest *guest, struct buf *out)
{
	const char *refusal = guest->chunk_refusal;

	guest->phase = guest->chunk_phase;
	guest->chunk_refusal = NULL;
	if (refusal != NULL)
		return guest_answer(guest, out, refusal);
	if (guest->chunk_last)
		return message_finish(guest, out);
	refusal = message_refusal(guest);
	if (refusal != NULL) {
		guest_reset(guest);
		return guest_answer(guest, out, refusal);
	}
	buf_addf(out, "250 2.0.0 %llu octets so far\r\n",
	    (unsigned long long)guest->octets);
	return SERVICE_GO_ON;
}

enum service_next
chunk_bdat(struct guest *guest, struct span arg, struct buf *out)
{
	uint64_t size;
	bool     last;

	if (!size_read(arg, &size, &last))
		return guest_answer(guest, out,
		    "501 5.5.4 Syntax: BDAT size [LAST]");
	guest->chunk_refusal = guest->faults != NULL &&
	    guest->faults->answer != NULL ? guest->faults->answer->text :
	    chunk_refusal(guest);
	if (guest->chunk_refusal == NULL && !guest->chunked)
		message_begin(guest);
	guest->chunked = guest->chunked || guest->chunk_refusal == NULL;
	guest->chunk_phase = guest->phase;
	guest->chunk_left = size;
	guest->chunk_last = last;
	guest->phase = PHASE_CHUNK;
	return size == 0 ? chunk_over(guest, out) : SERVICE_GO_ON;
}

size_t
chunk_take(struct guest *guest, struct span in, struct buf *out,
    enum service_next *next)
{
	struct span part = span_sub(in, 0, guest->chunk_left < in.len ?
	    (size_t)guest->chunk_left : in.len);

	if (guest->chunk_refusal == NULL)
		message_keep(guest, part);
	guest->chunk_left -= part.len;
	*next = guest->chunk_left == 0 ? chunk_over(guest, out) :
	    SERVICE_GO_ON;
	return part.len;
}
