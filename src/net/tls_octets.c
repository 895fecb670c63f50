/*
 * Octets of a connection whose handshake is over: in, out, the end. And what may
 * yet come of the handshake: in TLS 1.3 a server looks at our certificate when
 * we are done.
 */
#include "net/inside.h"
#include "net/tls.h"

#include <openssl/err.h>

enum { RECORD = 16 * KIB, END_MAX = 160 };

/* Nothing comes behind this; facts.end says what it was. Before anything else
 * was said it is the end of the handshake: TLS 1.3 looks at a client's
 * certificate when the client is done. */
static bool
broken(struct tls *tls, bool first)
{
	struct buf text = buf_new(END_MAX);

	if (first && !tls->server && tls->shake != NULL &&
	    tls->state == TLS_OPEN) {
		tls->state = TLS_FAILED;
		tls->shake->fault.text[0] = '\0';
		tls_why(tls);
	} else if (tls->state != TLS_FAILED) {
		tls->state = TLS_BROKEN;
		tls_alert_text(tls, &text);
		(void)buf_add_octet(&text, '\0');
	}
	if (text.len > 0) {
		mem_free(tls->end);
		tls->facts.end = tls->end = memcpy(mem_alloc(END_MAX),
		    text.ptr, text.len);
	}
	buf_free(&text);
	ERR_clear_error();
	return false;
}

bool
tls_open(struct tls *tls, struct span in, struct buf *out)
{
	tls->in = in;
	ERR_clear_error();
	for (;;) {
		char *room = buf_room(out, RECORD);
		int   got = room == NULL ? -1 :
		    SSL_read(tls->ssl, room, RECORD);

		if (got > 0) {
			out->len += (size_t)got;
			continue;
		}
		switch (room == NULL ? SSL_ERROR_SSL :
		    SSL_get_error(tls->ssl, got)) {
		case SSL_ERROR_WANT_READ:
			return true;
		case SSL_ERROR_ZERO_RETURN:
			tls->notified = true;
			return false;
		default:
			return broken(tls, out == &tls->early &&
			    out->len == 0);
		}
	}
}

bool
tls_seal(struct tls *tls, struct span bytes)
{
	int done;

	if (bytes.len == 0)
		return true;
	if (tls->state != TLS_OPEN || bytes.len > INT32_MAX)
		return false;
	tls->in = (struct span){ NULL, 0 };
	ERR_clear_error();
	done = SSL_write(tls->ssl, bytes.ptr, (int)bytes.len);
	if (done == (int)bytes.len)
		return true;
	return broken(tls, false);
}

void
tls_bye(struct tls *tls)
{
	tls->in = (struct span){ NULL, 0 };
	if (tls->state != TLS_OPEN ||
	    (SSL_get_shutdown(tls->ssl) & SSL_SENT_SHUTDOWN) != 0)
		return;
	ERR_clear_error();
	(void)SSL_shutdown(tls->ssl);
	ERR_clear_error();
}

bool
tls_wait(struct tls *tls, struct span in)
{
	if (!tls_open(tls, in, &tls->early))
		tls->over = true;
	if (tls->early.len == 0)
		buf_free(&tls->early);
	if (tls->early.len > 0 || tls->over)
		tls->waits = false;
	return !tls->waits;
}
