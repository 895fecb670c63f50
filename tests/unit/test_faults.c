/*
 * serve/faults: the option, good and bad, and what each fault makes of an
 * answer. Each dialogue is fed in one piece and octet by octet; SERVICE_PACE is
 * done as net/pace.c does it, without the waiting.
 */
#include "serve_talk.h"

#include "serve/faults.h"

#define HELO "HELO a\r\n"
#define HI "220 embedded.quoth.test ESMTP quoth\r\n"
#define HELLO "250 embedded.quoth.test\r\n"
#define EHLO "250-embedded.quoth.test\r\n250-PIPELINING\r\n" \
	"250-SIZE 33554432\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n" \
	"250-SMTPUTF8\r\n250-DSN\r\n250-CHUNKING\r\n250-BINARYMIME\r\n" \
	"250-DELIVERBY\r\n250-FUTURERELEASE 86400 2099-12-31T23:59:59Z\r\n" \
	"250-MT-PRIORITY MIXER\r\n250-LIMITS RCPTMAX=1000\r\n250-ETRN\r\n" \
	"250-VRFY\r\n250-EXPN\r\n" \
	"250-XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT\r\n"
#define MAIL "MAIL FROM:<>\r\n"
#define RCPT "RCPT TO:<bob@example.test>\r\n"
#define OK "250 2.0.0 OK\r\n"
#define ASKED "Asked for with --fault\r\n"
#define ALL UINT32_MAX

static const struct good {
	const char *spec, *kind, *text;
	uint32_t    number, place;
	struct faults_range nth, client;
} good[] = {
	{ "drop", "drop", NULL, 0, FAULTS_ANY, { 1, ALL }, { 1, ALL } },
	{ "drop@any#3", "drop", NULL, 0, FAULTS_ANY, { 3, 3 }, { 1, ALL } },
	{ "delay=500ms", "delay", NULL, 500, FAULTS_ANY, { 1, ALL },
	    { 1, ALL } },
	{ "delay=1h@Banner", "delay", NULL, 3600000, FAULTS_BANNER, { 1, ALL },
	    { 1, ALL } },
	{ "reset@.", "reset", NULL, 0, FAULTS_BODY, { 1, ALL }, { 1, ALL } },
	{ "cut@body/2", "cut", NULL, 0, FAULTS_BODY, { 1, ALL }, { 2, 2 } },
	{ "cut=3@tls", "cut", NULL, 3, FAULTS_TLS, { 1, ALL }, { 1, ALL } },
	{ "451@RCPT#2", "NNN", "451 4.0.0 Asked for with --fault", 451,
	    FAULTS_COMMANDS + 1, { 2, 2 }, { 1, ALL } },
	{ "421@data#2+/1..3", "NNN", "421 4.0.0 Asked for with --fault", 421,
	    FAULTS_COMMANDS + 2, { 2, ALL }, { 1, 3 } },
	{ "550@ehlo", "NNN", "550 Asked for with --fault", 550,
	    FAULTS_COMMANDS + 3, { 1, ALL }, { 1, ALL } },
	{ "554@banner", "NNN", "554 Asked for with --fault", 554,
	    FAULTS_BANNER, { 1, ALL }, { 1, ALL } },
	{ "354=go", "NNN", "354 go", 354, FAULTS_ANY, { 1, ALL }, { 1, ALL } },
	{ "000", "NNN", "000 Asked for with --fault", 0, FAULTS_ANY,
	    { 1, ALL }, { 1, ALL } },
	{ "550=5.7.1 a=b me@you #1/2@any", "NNN",
	    "550 5.7.1 a=b me@you #1/2", 550, FAULTS_ANY, { 1, ALL },
	    { 1, ALL } },
	{ "550=n\xc3\xb6", "NNN", "550 n\xc3\xb6", 550, FAULTS_ANY,
	    { 1, ALL }, { 1, ALL } },
	{ "extra=220 again@MAIL#1", "extra", "220 again", 0, FAULTS_COMMANDS,
	    { 1, 1 }, { 1, ALL } },
	{ "fragment=1MiB", "fragment", NULL, 1 << 20, FAULTS_ANY, { 1, ALL },
	    { 1, ALL } },
};

#define WANT_N "; want a number from 1 on, such as 2, 2+ or 2..4"
#define WANT_MS "; want 1ms to 1h, such as 500ms"

static const struct bad { const char *spec, *text; } bad[] = {
	{ "", "'' is no fault; want delay=500ms, drop, 451@RCPT or such" },
	{ "@RCPT", "'' is no fault; want delay=500ms, drop, 451@RCPT or such" },
	{ "dealy=1", "'dealy' is no fault; did you mean 'delay'?" },
	{ "DROP", "'DROP' is no fault; did you mean 'drop'?" },
	{ "45", "'45' is no fault; want delay=500ms, drop, 451@RCPT or such" },
	{ "4511", "'4511' is no fault; want delay=500ms, drop, 451@RCPT or "
	    "such" },
	{ "+51", "'+51' is no fault; want delay=500ms, drop, 451@RCPT or "
	    "such" },
	{ "drop#3", "'drop#3' is no fault; a number stands behind a place, as "
	    "in drop@any#3" },
	{ "drop/3", "'drop/3' is no fault; a number stands behind a place, as "
	    "in drop@any#3" },
	{ "drop@", "'' is no place of a fault; want any, banner, body, tls or "
	    "a command" },
	{ "drop@rcp", "'rcp' is no place of a fault; did you mean 'RCPT'?" },
	{ "drop@baner", "'baner' is no place of a fault; did you mean "
	    "'banner'?" },
	{ "drop@other", "'other' is no place of a fault; want any, banner, "
	    "body, tls or a command" },
	{ "drop@RCPT#", "'' is no number of an answer" WANT_N },
	{ "drop@RCPT#0", "'0' is no number of an answer" WANT_N },
	{ "drop@RCPT#3..2", "'3..2' is no number of an answer" WANT_N },
	{ "drop@RCPT#-1", "'-1' is no number of an answer" WANT_N },
	{ "drop@RCPT#1..", "'1..' is no number of an answer" WANT_N },
	{ "drop@RCPT#4294967296", "'4294967296' is no number of an answer"
	    WANT_N },
	{ "drop@RCPT/x", "'x' is no number of a connection" WANT_N },
	{ "drop@RCPT/1#2", "'1#2' is no number of a connection" WANT_N },
	{ "delay", "the fault 'delay' wants a value: delay=DURATION" },
	{ "hide@EHLO", "the fault 'hide' wants a value: hide=WORD" },
	{ "fragment@RCPT", "the fault 'fragment' wants a value: fragment=N" },
	{ "drop=1", "the fault 'drop' takes no value" },
	{ "delay=", "'' is no duration of a fault" WANT_MS },
	{ "delay=0s", "'0s' is no duration of a fault" WANT_MS },
	{ "delay=5", "'5' is no duration of a fault" WANT_MS },
	{ "delay=61m", "'61m' is no duration of a fault" WANT_MS },
	{ "fragment=0", "'0' is no number of octets; want 1 to 1MiB" },
	{ "garbage=2MiB", "'2MiB' is no number of octets; want 1 to 1MiB" },
	{ "cut=x", "'x' is no number of octets; want 1 to 1MiB" },
	{ "451=", "the text of a fault is 1 to 400 octets of UTF-8 on one "
	    "line" },
	{ "451=a\r\nb", "the text of a fault is 1 to 400 octets of UTF-8 on "
	    "one line" },
	{ "451=\xff", "the text of a fault is 1 to 400 octets of UTF-8 on one "
	    "line" },
	{ "451=a\x7f", "the text of a fault is 1 to 400 octets of UTF-8 on one "
	    "line" },
	{ "451=me@example.org", "'example.org' is no place of a fault; want "
	    "any, banner, body, tls or a command" },
	{ "451@tls", "the fault '451' cannot be at 'tls': a handshake has no "
	    "replies" },
	{ "bare-lf@tls", "the fault 'bare-lf' cannot be at 'tls': a handshake "
	    "has no replies" },
};

static void
test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		const struct good *row = &good[i];
		struct faults_item item;
		struct fault       fault;

		if (!faults_parse(row->spec, &item, &fault))
			fail_msg("%s: %s", row->spec, fault.text);
		assert_string_equal(item.row->name, row->kind);
		assert_int_equal(item.number, row->number);
		assert_int_equal(item.place, row->place);
		assert_memory_equal(&item.nth, &row->nth, sizeof item.nth);
		assert_memory_equal(&item.client, &row->client,
		    sizeof item.client);
		if (row->text != NULL)
			assert_string_equal(item.text, row->text);
		else
			assert_null(item.text);
		faults_item_free(&item);
	}
}

static void
test_bad(void **state)
{
	struct faults_item item;
	struct fault       fault;
	char               longest[700];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (faults_parse(bad[i].spec, &item, &fault))
			fail_msg("'%s' was taken", bad[i].spec);
		assert_int_equal(fault.class, FAULT_USAGE);
		assert_string_equal(fault.text, bad[i].text);
		assert_false(serve_fault_check(bad[i].spec, &fault));
	}
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_false(faults_parse(longest, &item, &fault));
	assert_string_equal(fault.text,
	    "a fault of 699 octets is longer than 600");
	longest[500] = '\0';
	memcpy(longest, "451=", 4);
	assert_false(faults_parse(longest, &item, &fault));
	assert_true(serve_fault_check("drop@RCPT", &fault));
}

static void
test_many(void **state)
{
	const char          *specs[65];
	struct serve_options options = { .faults = specs, .fault_count = 65 };
	struct service      *service;
	struct fault         fault;

	(void)state;
	for (size_t i = 0; i < 65; i++)
		specs[i] = "extra=250 x@NOOP";
	assert_null(serve_new(&options, &fault));
	assert_string_equal(fault.text, "65 faults are more than the limit of "
	    "64 (LIMIT_SERVE_FAULTS)");
	options.fault_count = 64;
	service = serve_new(&options, &fault);
	assert_non_null(service);
	serve_free(service);
	specs[0] = "nonsense";
	assert_null(serve_new(&options, &fault));
	assert_int_equal(fault.class, FAULT_USAGE);
}

/*
 * Dialogues. What comes out is a line of: the octets, "<300>" for a wait,
 * "<1/2>" for pieces of one octet every 2 ms, "|FIN" "|RST" "|CUT" (without
 * close_notify) "|TLS" at the end.
 */
static const struct row {
	const char *faults[4];
	const char *in, *out;
	bool        lmtp;
} rows[] = {
	{ { "delay=1s@TURN" }, "NOOP\r\n", HI OK, false },
	{ { "delay=300ms@NOOP#2" }, "NOOP\r\nNOOP\r\nNOOP\r\n",
	    HI OK "<300>" OK OK, false },
	{ { "delay=300ms@NOOP", "delay=1s@any#2" }, "NOOP\r\nNOOP\r\n",
	    HI "<1300>" OK "<300>" OK, false },
	{ { "delay=20ms@banner" }, "NOOP\r\n", "<20>" HI OK, false },
	{ { "554@banner" }, "NOOP\r\n", "554 " ASKED OK, false },
	{ { "421@banner" }, "NOOP\r\n", "421 " ASKED "|FIN", false },
	{ { "drop@banner" }, "NOOP\r\n", "|CUT", false },
	{ { "reset" }, "NOOP\r\n", "|RST", false },
	{ { "drop@RSET" }, "NOOP\r\nRSET\r\nNOOP\r\n", HI OK "|CUT", false },
	{ { "reset@RSET", "delay=5ms@RSET" }, "NOOP\r\nRSET\r\nNOOP\r\n",
	    HI OK "<5>|RST", false },
	{ { "skip@NOOP#1" }, "NOOP\r\nRSET\r\n", HI OK, false },
	{ { "mute@NOOP#2" }, "NOOP\r\nNOOP\r\nNOOP\r\nQUIT\r\n", HI OK, false },
	{ { "mute@QUIT" }, "QUIT\r\nNOOP\r\n", HI, false },
	{ { "delay=1ms@QUIT" }, "QUIT\r\nNOOP\r\n",
	    HI "<1>221 2.0.0 Bye\r\n|FIN", false },
	{ { "cut@NOOP" }, "NOOP\r\nNOOP\r\n", HI "250 2.0|CUT", false },
	{ { "cut=100@NOOP" }, "NOOP\r\n", HI OK "|CUT", false },
	{ { "cut=1@NOOP" }, "NOOP\r\n", HI "2|CUT", false },
	{ { "bare-lf" }, "NOOP\r\nHELP DATA\r\n",
	    "220 embedded.quoth.test ESMTP quoth\n250 2.0.0 OK\n"
	    "214 2.0.0 DATA\n", false },
	{ { "extra@NOOP#1" }, "NOOP\r\nNOOP\r\n",
	    HI OK "250 2.0.0 Nobody asked for this\r\n" OK, false },
	{ { "hide=helo@HELP", "hide=214@HELP" }, "HELP HELP\r\n",
	    HI "214 2.0.0 HELP [command]\r\n", false },
	{ { "hide=help", "hide=Starttls" }, "EHLO a\r\n", HI EHLO
	    "250 XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\r\n",
	    false },
	{ { "hide=XFORWARD@EHLO#2" }, "EHLO a\r\nEHLO a\r\n", HI EHLO
	    "250-XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\r\n"
	    "250-STARTTLS\r\n250 HELP\r\n" EHLO
	    "250-STARTTLS\r\n250 HELP\r\n", false },
	{ { "extra=421 gone@NOOP", "bare-lf@NOOP" }, "NOOP\r\n",
	    HI "250 2.0.0 OK\n421 gone\n", false },
	{ { "fragment=1@NOOP" }, "NOOP\r\nRSET\r\n", HI "<1/2>" OK OK, false },
	{ { "trickle=7ms@NOOP", "drop@RSET" }, "NOOP\r\nRSET\r\n",
	    HI "<1/7>" OK "|CUT", false },
	{ { "delay=1ms@NOOP", "fragment=3@NOOP", "451=4.7.1 no@NOOP" },
	    "NOOP\r\n", HI "<1><3/2>451 4.7.1 no\r\n", false },
	/* What is answered with a code was not done. */
	{ { "250=2.1.0 fine@MAIL" }, HELO MAIL RCPT,
	    HI HELLO "250 2.1.0 fine\r\n503 5.5.1 Send MAIL first\r\n",
	    false },
	{ { "451@RCPT#2" }, HELO MAIL RCPT RCPT "DATA\r\n.\r\n",
	    HI HELLO "250 2.1.0 OK\r\n250 2.1.5 OK\r\n451 4.0.0 " ASKED
	    "354 End with <CR><LF>.<CR><LF>\r\n"
	    "250 2.0.0 queued as 000000000000\r\n", false },
	{ { "250@DATA" }, HELO MAIL RCPT "DATA\r\n.\r\n",
	    HI HELLO "250 2.1.0 OK\r\n250 2.1.5 OK\r\n250 2.0.0 " ASKED
	    "500 5.5.1 Command not recognized\r\n", false },
	{ { "421@DATA" }, HELO MAIL RCPT "DATA\r\nNOOP\r\n",
	    HI HELLO "250 2.1.0 OK\r\n250 2.1.5 OK\r\n421 4.0.0 " ASKED
	    "|FIN", false },
	{ { "554=5.7.1 spam@body" }, HELO MAIL RCPT "DATA\r\na\r\n.\r\nNOOP\r\n",
	    HI HELLO "250 2.1.0 OK\r\n250 2.1.5 OK\r\n"
	    "354 End with <CR><LF>.<CR><LF>\r\n554 5.7.1 spam\r\n" OK,
	    false },
	{ { "421@body" }, HELO MAIL RCPT "DATA\r\na\r\n.\r\nNOOP\r\n",
	    HI HELLO "250 2.1.0 OK\r\n250 2.1.5 OK\r\n"
	    "354 End with <CR><LF>.<CR><LF>\r\n421 4.0.0 " ASKED "|FIN",
	    false },
	{ { "drop@body" }, HELO MAIL RCPT "DATA\r\na\r\n.\r\nNOOP\r\n",
	    HI HELLO "250 2.1.0 OK\r\n250 2.1.5 OK\r\n"
	    "354 End with <CR><LF>.<CR><LF>\r\n|CUT", false },
	/* The octets of a chunk are read and thrown away. */
	{ { "452@BDAT#1" }, HELO MAIL RCPT "BDAT 6\r\nNOOP\r\nNOOP\r\n",
	    HI HELLO "250 2.1.0 OK\r\n250 2.1.5 OK\r\n452 4.0.0 " ASKED OK,
	    false },
	{ { "451@BDAT#1" }, HELO MAIL RCPT "BDAT 1\r\nxBDAT 1\r\ny" MAIL
	    "RSET\r\n" MAIL RCPT "BDAT 1 LAST\r\nz", HI HELLO
	    "250 2.1.0 OK\r\n250 2.1.5 OK\r\n451 4.0.0 " ASKED
	    "503 5.5.1 An earlier chunk was refused\r\n"
	    "503 5.5.1 A chunk was refused: send RSET first\r\n" OK
	    "250 2.1.0 OK\r\n250 2.1.5 OK\r\n"
	    "250 2.0.0 queued as 000000000000\r\n", false },
	{ { "451@BDAT#1" }, HELO MAIL RCPT "BDAT 1 LAST\r\nx" MAIL, HI HELLO
	    "250 2.1.0 OK\r\n250 2.1.5 OK\r\n451 4.0.0 " ASKED
	    "250 2.1.0 OK\r\n", false },
	{ { "250@BDAT#1" }, HELO MAIL RCPT "BDAT 1\r\nxBDAT 1\r\ny", HI HELLO
	    "250 2.1.0 OK\r\n250 2.1.5 OK\r\n250 2.0.0 " ASKED
	    "250 2.0.0 1 octets so far\r\n", false },
	{ { "421@BDAT#2" }, HELO MAIL RCPT
	    "BDAT 1\r\nxBDAT 1 LAST\r\nxNOOP\r\n", HI HELLO
	    "250 2.1.0 OK\r\n250 2.1.5 OK\r\n250 2.0.0 1 octets so far\r\n"
	    "421 4.0.0 " ASKED "|FIN", false },
	{ { "delay=1ms@BDAT", "drop@body" }, HELO MAIL RCPT
	    "BDAT 1 LAST\r\nx", HI HELLO "250 2.1.0 OK\r\n250 2.1.5 OK\r\n<1>"
	    "250 2.0.0 queued as 000000000000\r\n", false },
	/* What is no command is an answer as well. */
	{ { "delay=1ms@any#2+" }, "FOO\r\nNOOP\r\n",
	    HI "<1>500 5.5.1 Command not recognized\r\n<1>" OK, false },
	{ { "250@any#2" }, "FOO\r\nFOO\r\n",
	    HI "250 2.0.0 " ASKED "500 5.5.1 Command not recognized\r\n",
	    false },
	{ { "delay=1ms@STARTTLS" }, "STARTTLS\r\nNOOP\r\n",
	    HI "<1>220 2.0.0 Ready to start TLS\r\n|TLS", false },
	{ { "454@STARTTLS" }, "STARTTLS\r\nNOOP\r\n",
	    HI "454 4.0.0 " ASKED OK, false },
	{ { "451@LHLO" }, "LHLO a\r\nLHLO a\r\n", "220 embedded.quoth.test LMTP "
	    "quoth\r\n451 " ASKED "451 " ASKED, true },
	/* Another connection's. */
	{ { "drop@NOOP/2+" }, "NOOP\r\n", HI OK, false },
	{ { "drop@NOOP/1" }, "NOOP\r\n", HI "|CUT", false },
};

/* What net/ does with a pace, as a line of text. False: it ends here. */
static bool
pace_say(const struct service_pace *pace, struct buf *out, struct buf *line)
{
	size_t from = out->len - pace->held;

	buf_add(line, span_sub(buf_span(out), 0, from));
	if (pace->wait_ms > 0)
		buf_addf(line, "<%u>", (unsigned)pace->wait_ms);
	if (pace->piece > 0)
		buf_addf(line, "<%u/%u>", (unsigned)pace->piece,
		    (unsigned)pace->pause_ms);
	buf_add(line, span_from(buf_span(out), from));
	buf_clear(out);
	buf_add_text(line, pace->then == SERVICE_DROP ? "|RST" :
	    pace->then == SERVICE_TLS ? "|TLS" :
	    pace->then != SERVICE_CLOSE ? "" : pace->abrupt ? "|CUT" : "|FIN");
	assert_int_not_equal(pace->then, SERVICE_PACE);
	return pace->then == SERVICE_GO_ON;
}

static void
play(const struct row *row, size_t size, struct buf *line)
{
	struct serve_options options = { .tls = true, .lmtp = row->lmtp,
		.faults = row->faults };
	struct buf        out = buf_new(4096);
	struct span       in = span_of(row->in);
	struct fault      fault;
	struct service   *service;
	void             *talk;
	enum service_next next;
	bool              on;

	while (options.fault_count < 4 &&
	    row->faults[options.fault_count] != NULL)
		options.fault_count++;
	service = serve_new(&options, &fault);
	if (service == NULL)
		fail_msg("%s", fault.text);
	talk = service->open(service, "peer", &out);
	next = service->opened(service, talk, &out);
	on = next == SERVICE_GO_ON || pace_say(&service->pace, &out, line);
	while (on && in.len > 0) {
		struct span piece = span_sub(in, 0, size);

		next = service->bytes(service, talk, piece, &out);
		in = span_from(in, piece.len -
		    (next == SERVICE_PACE ? service->pace.unread : 0));
		on = next == SERVICE_GO_ON || (next == SERVICE_PACE &&
		    pace_say(&service->pace, &out, line));
	}
	buf_add(line, buf_span(&out));
	service->close(service, talk);
	serve_free(service);
	buf_free(&out);
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (size_t size = 1; size < 5000; size *= 70) {
			struct buf line = buf_new(8192);

			play(&rows[i], size, &line);
			buf_add_octet(&line, '\0');
			if (strcmp(line.ptr, rows[i].out) != 0)
				print_message("%s %zu\n", rows[i].faults[0],
				    size);
			assert_string_equal(line.ptr, rows[i].out);
			buf_free(&line);
		}
	}
}

/* In LMTP the code is the answer for each recipient. */
static void
test_lmtp_body(void **state)
{
	const struct row row = { { "450=4.2.1 later@." }, "LHLO a\r\n" MAIL RCPT
	    "RCPT TO:<alice@example.test>\r\nDATA\r\n.\r\n", NULL, true };
	struct buf line = buf_new(8192);

	(void)state;
	play(&row, 4096, &line);
	assert_true(span_ends(buf_span(&line), SPAN(
	    "354 End with <CR><LF>.<CR><LF>\r\n"
	    "450 4.2.1 later\r\n450 4.2.1 later\r\n")));
	buf_free(&line);
}

/* 32 octets of which none is a line end, the same every time. */
static void
test_garbage(void **state)
{
	const struct row row = { { "garbage@NOOP" }, "NOOP\r\nNOOP\r\n", NULL,
	    false };
	struct buf  line = buf_new(8192);
	struct span one, two;

	(void)state;
	play(&row, 4096, &line);
	assert_int_equal(line.len, sizeof HI - 1 + 2 * 34);
	one = span_sub(buf_span(&line), sizeof HI - 1, 34);
	two = span_from(buf_span(&line), sizeof HI - 1 + 34);
	assert_true(span_eq(one, two));
	assert_int_equal(span_find(one, SPAN("\r\n")), 32);
	assert_int_equal(span_chr(one, '\n'), 33);
	buf_free(&line);
}

/* What open() and a handshake have; a handshake may be nobody's yet. */
static void
test_handshake(void **state)
{
	const char *specs[] = { "drop@tls/1", "cut=2@tls/2+" };
	struct serve_options options = { .tls = true, .faults = specs,
		.fault_count = 2 };
	struct serve_talk talk;
	struct buf        out = buf_new(100);

	(void)state;
	serve_talk_begin(&talk, &options);
	buf_add(&out, SPAN("flight"));
	assert_int_equal(talk.service->shaken(talk.service, talk.client,
	    &out), SERVICE_PACE);
	assert_int_equal(talk.service->pace.held, 0);
	assert_int_equal(talk.service->pace.then, SERVICE_CLOSE);
	assert_true(talk.service->pace.abrupt);
	buf_clear(&out);
	buf_add(&out, SPAN("flight"));
	assert_int_equal(talk.service->shaken(talk.service, NULL, &out),
	    SERVICE_PACE);
	assert_int_equal(talk.service->pace.held, 2);
	serve_talk_end(&talk);
	options.fault_count = 0;
	serve_talk_begin(&talk, &options);
	assert_null(talk.service->shaken);
	assert_null(talk.service->opened);
	serve_talk_end(&talk);
	buf_free(&out);
}

/* Silent to the end: no farewell either. */
static void
test_muted_idle(void **state)
{
	const char *specs[] = { "mute@NOOP" };
	struct serve_options options = { .faults = specs, .fault_count = 1 };
	struct serve_talk talk;

	(void)state;
	serve_talk_begin(&talk, &options);
	assert_int_equal(serve_talk_send(&talk, "NOOP\r\n").len, 0);
	assert_int_equal(talk.service->idle(talk.service, talk.client,
	    &talk.out), SERVICE_CLOSE);
	assert_int_equal(talk.out.len, 0);
	serve_talk_end(&talk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_many), cmocka_unit_test(test_rows),
		cmocka_unit_test(test_lmtp_body),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_handshake),
		cmocka_unit_test(test_muted_idle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
