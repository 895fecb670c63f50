/*
 * Sessions for `resume`: of each peer, name, trust and certificate of ours the
 * newest, and no more than LIMIT_TLS_SESSIONS. Who does not ask keeps none.
 */
#include "net/inside.h"
#include "net/tls_run.h"

static bool
kept_fits(const struct kept *kept, const struct tls *tls)
{
	return kept->session != NULL && kept->trust == tls->trust &&
	    kept->own == tls->own && kept->verify == tls->verify &&
	    strcmp(kept->peer, tls->shake->peer) == 0 &&
	    strcmp(kept->host, tls->shake->host) == 0;
}

int
tls_session_keep(SSL *ssl, SSL_SESSION *session)
{
	struct tls     *tls = SSL_get_app_data(ssl);
	struct tls_run *run = tls->loop->tls;
	struct kept    *kept = NULL;

	if (!tls->keep || tls->server)
		return 0;
	for (size_t i = 0; i < LIMIT_TLS_SESSIONS && kept == NULL; i++)
		if (kept_fits(&run->kept[i], tls))
			kept = &run->kept[i];
	if (kept == NULL)
		kept = &run->kept[run->kept_next++ % LIMIT_TLS_SESSIONS];
	SSL_SESSION_free(kept->session);
	kept->session = session;
	kept->trust = tls->trust;
	kept->own = tls->own;
	kept->verify = tls->verify;
	memcpy(kept->peer, tls->shake->peer, sizeof kept->peer);
	memcpy(kept->host, tls->shake->host, sizeof kept->host);
	return 1;
}

/* A ticket of TLS 1.3 is for one use (RFC 8446 C.4). */
SSL_SESSION *
tls_session_take(struct loop *loop, const struct tls *tls)
{
	struct tls_run *run = loop->tls;

	for (size_t i = 0; i < LIMIT_TLS_SESSIONS; i++)
		if (kept_fits(&run->kept[i], tls)) {
			SSL_SESSION *session = run->kept[i].session;

			if (SSL_SESSION_get_protocol_version(session) ==
			    TLS1_3_VERSION)
				run->kept[i].session = NULL;
			else
				(void)SSL_SESSION_up_ref(session);
			return session;
		}
	return NULL;
}
