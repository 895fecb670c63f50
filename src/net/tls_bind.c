/*
 * What a SASL mechanism of name -PLUS binds to: octets that both ends of one
 * TLS connection know and nobody else does.
 */
#include "net/tls.h"

/* RFC 9266 for TLS 1.3. Before that RFC 5929: the first Finished of the
 * handshake, which is the client's unless a session was resumed. */
size_t
tls_binding(const struct tls *tls, struct span *name, char *out, size_t size)
{
	static const char label[] = "EXPORTER-Channel-Binding";
	size_t len;

	if (tls->state != TLS_OPEN)
		return 0;
	if (SSL_version(tls->ssl) >= TLS1_3_VERSION) {
		*name = SPAN("tls-exporter");
		len = size < 32 ? size : 32;
		return SSL_export_keying_material(tls->ssl,
		    (unsigned char *)out, len, label, sizeof label - 1,
		    (const unsigned char *)"", 0, 1) == 1 ? len : 0;
	}
	*name = SPAN("tls-unique");
	len = (SSL_session_reused(tls->ssl) == 1) == tls->server ?
	    SSL_get_finished(tls->ssl, out, size) :
	    SSL_get_peer_finished(tls->ssl, out, size);
	return len < size ? len : size;
}
