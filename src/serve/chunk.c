/*
 * BDAT (RFC 3030 2): a chunk of the message behind its size, without dots. The
 * octets of a refused one are read as well, so that the reply stands where it
 * belongs and none of them is taken for a command. The message has failed then:
 * what follows of it is read and refused, up to its last chunk or RSET, and
 * nothing else may begin before (as Postfix has it).
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

static const char torn[] = "503 5.5.1 An earlier chunk was refused";

/* NULL: the chunk is welcome. */
static const char *
chunk_refusal(const struct guest *guest)
{
	if (guest->phase != PHASE_NEW && guest_is_stranger(guest))
		return guest_stranger;
	if (guest->torn)
		return torn;
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

/* A transaction ends with its last chunk, whatever became of that one. Chunks
 * that were in the pipeline already are no error of the client (RFC 3030 2). A
 * fault may ask for a yes that is none: nothing more is seen of that. */
static enum service_next
refuse(struct guest *guest, const char *text, struct buf *out)
{
	bool within = guest->torn || guest->phase == PHASE_RCPT;

	if (text[0] == '2')
		return guest_say(out, text);
	if (within)
		guest_reset(guest);
	guest->torn = within && !guest->chunk_last;
	return text == torn ? guest_say(out, text) :
	    guest_answer(guest, out, text);
}

static enum service_next
chunk_over(struct guest *guest, struct buf *out)
{
	const char *refusal = guest->chunk_refusal;

	guest->phase = guest->chunk_phase;
	guest->chunk_refusal = NULL;
	if (refusal == NULL && guest->chunk_last)
		return message_finish(guest, out);
	if (refusal == NULL)
		refusal = message_refusal(guest);
	if (refusal != NULL)
		return refuse(guest, refusal, out);
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
