/*
 * quoth serve: the embedded server as a program of its own. One line on stdout
 * says where it listens, as a target URL, as soon as clients may come; then it
 * runs until SIGINT or SIGTERM, which are its normal end (exit code 0).
 */
#include "cmd/cmd.h"

#include "base/mem.h"
#include "base/text.h"
#include "net/loop.h"
#include "sasl/sasl.h"
#include "serve/serve.h"

#include <errno.h>
#include <signal.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define LISTEN "127.0.0.1:2525"

enum {
	HOST_MAX = 128, LINE_MAX_OCTETS = 1024,
	SOCKET_MAX = 107                /* sun_path of unix(7), without NUL */
};

/* Where to listen. */
struct place {
	char     host[HOST_MAX];        /* no brackets; or "unix:PATH" */
	uint16_t port;
};

struct plan {
	struct place plain, tls;
	bool         has_tls;
	const char  *save;              /* the CA certificate's file, or NULL */
};

static int64_t
now(void)
{
	return (int64_t)time(NULL);
}

/* "HOST:PORT", "[IPV6]:PORT", "unix:PATH" */
static bool
place_read(const char *text, struct place *out)
{
	struct span host = span_of(text);
	uint64_t    port = 0;

	if (!span_starts(host, SPAN("unix:"))) {
		const char *colon = strrchr(text, ':');

		if (colon == NULL || !span_u64(span_of(colon + 1), &port) ||
		    port > UINT16_MAX)
			return false;
		host.len = (size_t)(colon - text);
		if (span_starts(host, SPAN("[")) && span_ends(host, SPAN("]")))
			host = span_sub(host, 1, host.len - 2);
		else if (span_chr(host, ':') != SIZE_MAX)
			return false;
	}
	if (host.len == 0 || host.len >= sizeof out->host)
		return false;
	memcpy(out->host, host.ptr, host.len);
	out->host[host.len] = '\0';
	out->port = (uint16_t)port;
	return true;
}

/* Where it has to be said that the path is what is wrong. Relative ones are no
 * target's. */
static bool
socket_check(const char *text)
{
	size_t len = strlen(text);

	if (strncmp(text, "unix:", 5) != 0)
		return true;
	if (text[5] != '/')
		say("--listen wants the absolute path of a socket, such as "
		    "unix:/tmp/smtp.sock, not '%s'", text);
	else if (len - 5 > SOCKET_MAX)
		say("--listen: a socket's path of %zu octets is longer than %d",
		    len - 5, SOCKET_MAX);
	return text[5] == '/' && len - 5 <= SOCKET_MAX;
}

static bool
announce(const struct place *place, const char *scheme, uint16_t port)
{
	struct buf  line = buf_new(LINE_MAX_OCTETS);
	struct span host = span_of(place->host);
	bool        ipv6 = span_chr(host, ':') != SIZE_MAX;
	bool        done;

	buf_add_text(&line, "listening on ");
	if (span_starts(host, SPAN("unix:"))) {
		buf_addf(&line, "%s+", scheme);
		text_plain(host, &line);
	} else {
		buf_addf(&line, ipv6 ? "%s://[%s]:%u" : "%s://%s:%u", scheme,
		    place->host, (unsigned)port);
	}
	buf_add_octet(&line, '\n');
	done = write_all(STDOUT_FILENO, buf_span(&line));
	buf_free(&line);
	if (!done)
		say("cannot say on stdout where the server listens: %s",
		    strerror(errno));
	return done;
}

static void
stop(void *who, int signum)
{
	(void)signum;
	loop_stop(who);
}

static int
refuse(const struct fault *fault)
{
	say("%s", fault->text);
	return fault->class == FAULT_USAGE ? EXIT_USAGE : EXIT_ENVIRONMENT;
}

/* In the clear, and with TLS where that was asked for. */
static int
listen_all(struct loop *loop, struct service *service, const struct plan *plan,
    bool lmtp)
{
	struct fault fault;
	uint16_t     port = 0, tls_port = 0;

	if (!loop_listen(loop, service, plan->plain.host, plan->plain.port,
	    &port, &fault) || (plan->save != NULL &&
	    !loop_save_ca(loop, plan->save, &fault)) || (plan->has_tls &&
	    !loop_listen_tls(loop, service, plan->tls.host, plan->tls.port,
	    &tls_port, &fault)))
		return refuse(&fault);
	if (!loop_keys_check(&fault))
		say("%s", fault.text);
	/* The first line means that all of them are there. */
	return announce(&plan->plain, lmtp ? "lmtp" : "smtp", port) &&
	    (!plan->has_tls || announce(&plan->tls, "smtps", tls_port)) ?
	    EXIT_PASSED : EXIT_ENVIRONMENT;
}

static int
run(struct loop *loop, struct service *service, const struct plan *plan,
    bool lmtp)
{
	struct fault fault;
	int          status;

	if (!loop_on_signal(loop, SIGINT, stop, loop, &fault) ||
	    !loop_on_signal(loop, SIGTERM, stop, loop, &fault))
		return refuse(&fault);
	status = listen_all(loop, service, plan, lmtp);
	if (status == EXIT_PASSED)
		loop_run(loop);
	return status;
}

static int
start(const struct serve_options *options, const struct plan *plan)
{
	struct fault    fault;
	struct loop    *loop;
	struct service *service = serve_new(options, &fault);
	int             status;

	if (service == NULL)
		return refuse(&fault);
	loop = loop_new(&fault);
	status = loop == NULL ? refuse(&fault) : run(loop, service, plan,
	    options->lmtp);
	if (loop != NULL)
		loop_free(loop);
	serve_free(service);
	return status;
}

static int
options_read(const struct args *args, struct serve_options *options,
    struct plan *plan)
{
	const char *where = args_value(args, "--listen");
	const char *secure = args_value(args, "--listen-tls");
	const char *size = args_value(args, "--size");
	uint64_t    octets = 0;

	if (args->word_count > 0) {
		say("serve takes options only, not '%s'", args->words[0]);
		return EXIT_USAGE;
	}
	plan->save = args_value(args, "--save-ca");
	plan->has_tls = secure != NULL;
	if (secure != NULL && args_flag(args, "--lmtp")) {
		say("--listen-tls is for SMTP: LMTP has STARTTLS only");
		return EXIT_USAGE;
	}
	if (where != NULL && !socket_check(where))
		return EXIT_USAGE;
	/* No target speaks smtps over a socket. */
	if (secure != NULL && (strncmp(secure, "unix:", 5) == 0 ||
	    !place_read(secure, &plan->tls))) {
		say("--listen-tls wants HOST:PORT, such as 127.0.0.1:2465, not "
		    "'%s'", secure);
		return EXIT_USAGE;
	}
	if (!place_read(where == NULL ? LISTEN : where, &plan->plain)) {
		say("--listen wants HOST:PORT or unix:PATH, such as " LISTEN
		    ", not '%s'", where);
		return EXIT_USAGE;
	}
	if (size != NULL && (!span_u64(span_of(size), &octets) || octets == 0 ||
	    octets > UINT32_MAX)) {
		say("--size wants octets, such as 10000000, not '%s'", size);
		return EXIT_USAGE;
	}
	*options = (struct serve_options){ .size_max = (uint32_t)octets,
		.host_name = args_value(args, "--name"),
		.maildir = args_value(args, "--maildir"), .tls = true,
		.lmtp = args_flag(args, "--lmtp"), .now = now,
		.sasl = &sasl_gsasl,
		.auth_only = args_flag(args, "--require-auth"),
		.auth_tls = args_flag(args, "--auth-needs-tls") };
	/* Without it ids are only the same in every run. */
	(void)getrandom(&options->seed, sizeof options->seed, 0);
	return EXIT_PASSED;
}

extern const struct command command_serve;

static int
serve(int argc, char **argv)
{
	struct serve_options options;
	struct plan          plan = { .has_tls = false };
	struct args          args;
	const char         **faults = NULL;
	int                  status;

	if (!args_read(&command_serve, argc, argv, &args, &status)) {
		args_free(&args);
		return status;
	}
	status = options_read(&args, &options, &plan);
	if (status == EXIT_PASSED && !args_faults(&args, &faults,
	    &options.fault_count))
		status = EXIT_USAGE;
	options.faults = faults;
	if (status == EXIT_PASSED)
		status = start(&options, &plan);
	mem_free(faults);
	args_free(&args);
	return status;
}

static const struct option_row rows[] = {
	{ .name = "--listen", .letter = 'l', .value = "HOST:PORT",
	    .help = "where to listen, or unix:PATH; port 0 is a free one (" LISTEN ")" },
	{ .name = "--lmtp", .help = "speak LMTP and not SMTP" },
	{ .name = "--listen-tls", .value = "HOST:PORT",
	    .help = "listen there as well, with TLS from the first octet on" },
	{ .name = "--save-ca", .value = "FILE", .help =
	    "write the CA certificate there that clients have to trust" },
	{ .name = "--require-auth", .help = "take mail from authenticated "
	    "clients only, as submission does" },
	{ .name = "--auth-needs-tls", .help = "offer AUTH under TLS only" },
	{ .name = "--maildir", .letter = 'm', .value = "DIR",
	    .help = "keep accepted messages there, a file each" },
	{ .name = "--size", .value = "N",
	    .help = "take messages of so many octets at most (33554432)" },
	{ .name = "--name", .value = "HOST",
	    .help = "what the server calls itself (" SERVE_HOST ")" },
	{ .name = "--fault", .letter = 'f', .value = "FAULT", .many = true,
	    .help = "do something wrong on purpose, such as delay=2s@RCPT" },
	{ .name = NULL },
};

const struct command command_serve = {
	.name = "serve", .usage = "serve",
	.about = "runs the embedded server as a program of its own",
	.options = rows, .main = serve,
};
