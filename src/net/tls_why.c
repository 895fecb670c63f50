/*
 * Why a handshake failed, in one sentence that says what to do about it where
 * that is known: the certificate's trouble as verification found it, the
 * peer's alert, another protocol, versions that do not meet.
 */
#include "net/tls.h"

#include "base/text.h"
#include "net/inside.h"

#include <openssl/err.h>

#include <stdio.h>
#include <time.h>

enum { ALERTS = 1000 };                 /* SSL_AD_REASON_OFFSET */

static void
name_add(void *who, const char *name)
{
	struct buf *out = who;

	(void)buf_addf(out, "%s%s", out->len > 0 ? ", " : "", name);
}

static void
date_text(const ASN1_TIME *time, char out[32])
{
	struct tm parts = { 0 };

	*out = '\0';
	if (ASN1_TIME_to_tm(time, &parts) == 1)
		(void)strftime(out, 32, "%Y-%m-%d %H:%M UTC", &parts);
}

/* ---- the certificate -------------------------------------------------------- */

static void
wrong_name(const struct tls *tls, X509 *cert, struct fault *fault)
{
	struct buf names = buf_new(120);
	uint32_t   count = tls_cert_names(cert, name_add, &names);
	char       subject[100];

	tls_name_text(X509_get_subject_name(cert), subject, sizeof subject);
	if (count == 0)
		(void)fault_set(fault, FAULT_TLS, "the certificate has no "
		    "names, so it is not for %.100s (its subject is %s)",
		    tls->shake->host, *subject == '\0' ? "empty" : subject);
	else
		(void)fault_set(fault, FAULT_TLS, "the name %.80s is not among "
		    "those of the certificate: %.*s%s", tls->shake->host,
		    SPAN_ARG(buf_span(&names)), names.full ? ", ..." : "");
	buf_free(&names);
}

/* Most often its owner forgot those between it and the root. */
static bool
sent_alone(X509_STORE_CTX *at)
{
	return sk_X509_num(X509_STORE_CTX_get0_untrusted(at)) == 1;
}

/* Called while the chain is checked, once for the first thing wrong. */
static void
cert_why(const struct tls *tls, X509_STORE_CTX *at, struct fault *fault)
{
	int   error = X509_STORE_CTX_get_error(at);
	bool  own = X509_STORE_CTX_get_error_depth(at) == 0;
	X509 *cert = X509_STORE_CTX_get_current_cert(at);
	char  subject[80] = "", issuer[100] = "", date[32] = "";
	const char *which = own ? "the certificate" : "a CA certificate";

	if (cert != NULL) {
		tls_name_text(X509_get_subject_name(cert), subject,
		    sizeof subject);
		tls_name_text(X509_get_issuer_name(cert), issuer,
		    sizeof issuer);
	}
	switch (error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		date_text(X509_get0_notAfter(cert), date);
		(void)fault_set(fault, FAULT_TLS, "%s expired on %s (%s)",
		    which, date, subject);
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		date_text(X509_get0_notBefore(cert), date);
		(void)fault_set(fault, FAULT_TLS, "%s is not valid before %s "
		    "(%s)", which, date, subject);
		break;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		wrong_name(tls, cert, fault);
		break;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		(void)fault_set(fault, FAULT_TLS, "the certificate is "
		    "self-signed (%s) and none that is trusted", subject);
		break;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		(void)fault_set(fault, FAULT_TLS, "the certificate comes from "
		    "an unknown CA (%s)%s: --ca or 'ca' names one to trust",
		    issuer, own && sent_alone(at) ? ", and the server sent "
		    "none between" : "");
		break;
	default:
		(void)fault_set(fault, FAULT_TLS, "%s does not hold: %s (%s)",
		    which, X509_verify_cert_error_string(error), subject);
	}
}

/* For SSL_set_verify(). Goes on where the certificate need not hold. */
int
tls_why_cert(int fine, X509_STORE_CTX *at)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(at,
	    SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls *tls = SSL_get_app_data(ssl);

	if (fine)
		return 1;
	if (tls->shake->fault.text[0] == '\0')
		cert_why(tls, at, &tls->shake->fault);
	return !tls->verify;
}

/* ---- the rest --------------------------------------------------------------- */

static int
reason_of(void)
{
	unsigned long error = ERR_peek_last_error();

	return ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0;
}

struct alert_name { char text[64]; };

/* OpenSSL 3.0 does not know them all. */
static struct alert_name
alert_name(int alert)
{
	struct alert_name name = { "" };
	const char *known = SSL_alert_desc_string_long(alert);

	if (alert == TLS13_AD_MISSING_EXTENSION)
		known = "missing extension";
	else if (alert == TLS13_AD_CERTIFICATE_REQUIRED)
		known = "certificate required";
	else if (alert == SSL_AD_INAPPROPRIATE_FALLBACK)
		known = "inappropriate fallback";
	if (strcmp(known, "unknown") == 0)
		(void)snprintf(name.text, sizeof name.text, "number %d",
		    alert);
	else
		(void)snprintf(name.text, sizeof name.text, "%s", known);
	return name;
}

/* What it usually means; or "". */
static const char *
alert_means(const struct tls *tls, int alert)
{
	bool over = tls->state == TLS_BROKEN;   /* no offer is at stake */

	switch (alert) {
	case SSL_AD_PROTOCOL_VERSION:
		return over ? "" : ": it does not speak the TLS versions that "
		    "were offered";
	case SSL_AD_HANDSHAKE_FAILURE:
		return tls->asked && !tls->gave ?
		    ": it wants a client certificate" :
		    over ? "" : ": nothing offered suits it";
	case TLS13_AD_CERTIFICATE_REQUIRED:
		return ": it wants a client certificate";
	case SSL_AD_BAD_CERTIFICATE:
	case SSL_AD_UNSUPPORTED_CERTIFICATE:
	case SSL_AD_CERTIFICATE_REVOKED:
	case SSL_AD_CERTIFICATE_EXPIRED:
	case SSL_AD_CERTIFICATE_UNKNOWN:
	case SSL_AD_UNKNOWN_CA:
	case SSL_AD_ACCESS_DENIED:
		return tls->gave ? ": it does not accept our certificate" :
		    tls->asked ? ": it wants a client certificate" : "";
	case SSL_AD_UNRECOGNIZED_NAME:
		return over ? "" : ": it knows no host of that name";
	default:
		return "";
	}
}

void
tls_alert_text(const struct tls *tls, struct buf *out)
{
	int         reason = reason_of();
	const char *text = ERR_reason_error_string(ERR_peek_last_error());

	if (reason > ALERTS)
		(void)buf_addf(out, "the alert '%s'%s",
		    alert_name(reason - ALERTS).text,
		    alert_means(tls, reason - ALERTS));
	else
		(void)buf_addf(out, "a broken record: %s",
		    text == NULL ? "unknown error" : text);
}

static void
alert_why(struct tls *tls, int alert)
{
	(void)fault_set(&tls->shake->fault, FAULT_TLS, "the server refused the "
	    "TLS handshake with the alert '%s'%s", alert_name(alert).text,
	    alert_means(tls, alert));
}

static void
garbage_why(struct tls *tls)
{
	struct buf  shown = buf_new(200);
	struct span line = tls->shake->said;
	size_t      end = span_chr(line, '\n');

	if (end != SIZE_MAX)
		line = span_sub(line, 0, end);
	if (span_ends(line, SPAN("\r")))
		line.len--;
	text_plain(line, &shown);
	(void)fault_set(&tls->shake->fault, FAULT_TLS, "the server speaks no "
	    "TLS here: it said \"%.*s\"", SPAN_ARG(buf_span(&shown)));
	buf_free(&shown);
}

static void
version_why(struct shake *shake)
{
	bool newer = shake->max != TLS_UNSET &&
	    shake->chosen > TLS1_VERSION + shake->max - 1;

	(void)fault_set(&shake->fault, FAULT_TLS, "the server chose %s, which "
	    "is %s", tls_version_text(shake->chosen), newer ?
	    "newer than what is accepted" : "too old to be accepted");
}

void
tls_why(struct tls *tls)
{
	struct shake *shake = tls->shake;
	int           reason = reason_of();
	const char   *text = ERR_reason_error_string(ERR_peek_last_error());

	if (shake->fault.text[0] != '\0' && reason ==
	    SSL_R_CERTIFICATE_VERIFY_FAILED)
		return;
	if (shake->said.len > 0)
		garbage_why(tls);
	else if (reason > ALERTS)
		alert_why(tls, reason - ALERTS);
	else if (reason == SSL_R_UNSUPPORTED_PROTOCOL && shake->chosen != 0)
		version_why(shake);
	else if (reason == 0 && (SSL_get_shutdown(tls->ssl) &
	    SSL_RECEIVED_SHUTDOWN) != 0)
		(void)fault_set(&shake->fault, FAULT_TLS, "the server said "
		    "close_notify in the TLS handshake, %s", tls_stage(tls));
	else if (reason == SSL_R_NO_PROTOCOLS_AVAILABLE)
		(void)fault_set(&shake->fault, FAULT_INTERNAL, "no TLS version is "
		    "left to offer: OpenSSL's configuration allows none from "
		    "min to max");
	else
		(void)fault_set(&shake->fault, FAULT_TLS, "the TLS handshake "
		    "failed %s: %s", tls_stage(tls),
		    text == NULL ? "unknown error" : text);
}
