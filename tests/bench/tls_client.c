/*
 * What a TLS dialogue costs whoever asks: OpenSSL alone, blocking, with one
 * SSL_CTX for all connections. Each: connect, handshake with the certificate
 * verified, greeting, QUIT, reply, close_notify.
 *
 *   tls_client PORT COUNT CA full|resumed
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static SSL_SESSION *kept;

static int
keep(SSL *ssl, SSL_SESSION *session)
{
	(void)ssl;
	SSL_SESSION_free(kept);
	kept = session;
	return 1;
}

static int
dial(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
	    .sin_port = htons((unsigned short)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
		perror("connect");
		exit(1);
	}
	return fd;
}

static int
reply(SSL *ssl, char code)
{
	char octets[512];

	return SSL_read(ssl, octets, sizeof octets) > 3 && octets[0] == code;
}

static int
dialogue(SSL_CTX *context, int port, int resume)
{
	SSL *ssl = SSL_new(context);
	int  fd = dial(port), fine;

	(void)X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), "127.0.0.1");
	(void)SSL_set_fd(ssl, fd);
	if (resume && kept != NULL)
		(void)SSL_set_session(ssl, kept);
	fine = SSL_connect(ssl) == 1 && reply(ssl, '2') &&
	    SSL_write(ssl, "QUIT\r\n", 6) == 6 && reply(ssl, '2');
	(void)SSL_shutdown(ssl);
	SSL_free(ssl);
	(void)close(fd);
	return fine;
}

int
main(int argc, char **argv)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	int      count, resume;

	if (argc != 5 || context == NULL || SSL_CTX_load_verify_locations(
	    context, argv[3], NULL) != 1)
		return 2;
	count = atoi(argv[2]);
	resume = strcmp(argv[4], "resumed") == 0;
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	(void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	(void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT |
	    SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(context, keep);
	for (int i = 0; i < count; i++)
		if (!dialogue(context, atoi(argv[1]), resume)) {
			(void)fprintf(stderr, "tls_client: dialogue %d\n", i);
			return 1;
		}
	return 0;
}
