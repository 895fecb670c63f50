/*
 * Answers of the DNS: good ones, and each of them cut, with every octet
 * changed, and with names that point anywhere.
 */
#include "check.h"

#include "net/dns_mx_own.h"

#define HEAD(questions, answers) "\0\1\x81\x80\0" questions "\0" answers \
	"\0\0\0\0"
#define EXAMPLE "\7example\4test\0"
#define RR(type, len) "\xc0\x0c\0" type "\0\1\0\0\0\x3c\0" len
#define S(literal) { (literal), sizeof(literal) - 1 }

static const struct answer_case {
	struct span message;
	const char *hosts, *notes, *why;
} answers[] = {
	{ S(HEAD("\1", "\2") EXAMPLE "\0\x0f\0\1"
	    RR("\x0f", "\x08") "\0\x14\3mx2\xc0\x0c"
	    RR("\x0f", "\x08") "\0\x0a\3mx1\xc0\x0c"),
	    "10 mx1.example.test,20 mx2.example.test,", "", "" },
	/* Equal preferences: by name. */
	{ S(HEAD("\1", "\2") EXAMPLE "\0\x0f\0\1"
	    RR("\x0f", "\x08") "\0\x0a\3mxb\xc0\x0c"
	    RR("\x0f", "\x08") "\0\x0a\3mxa\xc0\x0c"),
	    "10 mxa.example.test,10 mxb.example.test,", "", "" },
	{ S(HEAD("\1", "\1") EXAMPLE "\0\x0f\0\1" RR("\x0f", "\3") "\0\0\0"),
	    "", "", "takes no mail: null MX" },
	{ S(HEAD("\1", "\2") EXAMPLE "\0\x0f\0\1" RR("\x0f", "\3") "\0\0\0"
	    RR("\x0f", "\x08") "\0\x0a\3mx1\xc0\x0c"),
	    "10 mx1.example.test,", "null MX beside others", "" },
	/* An alias of something that has none. */
	{ S(HEAD("\1", "\1") EXAMPLE "\0\x0f\0\1" RR("\5", "\6")
	    "\1x\2yz\0"), "0 example.test,", "is an alias of x.yz", "" },
	{ S(HEAD("\1", "\0") EXAMPLE "\0\x0f\0\1"), "0 example.test,", "", "" },
	/* No host names. */
	{ S(HEAD("\1", "\1") EXAMPLE "\0\x0f\0\1" RR("\x0f", "\x0d")
	    "\0\x0a\3" "127\1" "0\1" "0\1" "1\0"), "",
	    "127.0.0.1 is not the name of a host", "none of its MX" },
	{ S(HEAD("\1", "\1") EXAMPLE "\0\x0f\0\1" RR("\x0f", "\x09")
	    "\0\x0a\5a\n.\x1b[\0"), "", "a???? is not the name", "none of its" },
	/* Records that are not whole, and names that go round. */
	{ S(HEAD("\1", "\1") EXAMPLE "\0\x0f\0\1" RR("\x0f", "\2") "\0\x0a"),
	    "", "", "none of its MX" },
	{ S(HEAD("\1", "\1") EXAMPLE "\0\x0f\0\1" RR("\x0f", "\4")
	    "\0\x0a\xc0\x2c"), "", "", "none of its MX" },
	{ S(HEAD("\1", "\1") EXAMPLE "\0\x0f\0\1" RR("\x0f", "\x08")
	    "\0\x0a\3mx1\xff\xff"), "", "", "none of its MX" },
	/* Nobody knows what they would have said: no MX at all is another thing. */
	{ S(HEAD("\1", "\1") EXAMPLE "\0\x0f\0\1" RR("\x0f", "\xff") "\0\x0a"),
	    "", "", "malformed" },
	{ S(HEAD("\1", "\1") EXAMPLE "\0\x0f\0\1"), "", "", "malformed" },
	{ S("\0\1\x83\x80\0\1\0\0\0\0\0\0" EXAMPLE "\0\x0f\0\1"),
	    "", "", "cut its answer short" },
	/* One host, however often it is listed. */
	{ S(HEAD("\1", "\5") EXAMPLE "\0\x0f\0\1"
	    RR("\x0f", "\x08") "\0\x14\3mx1\xc0\x0c"
	    RR("\x0f", "\x08") "\0\x0c\3mx2\xc0\x0c"
	    RR("\x0f", "\x08") "\0\x0a\3MX1\xc0\x0c"
	    RR("\x0f", "\x08") "\0\x0a\3mx1\xc0\x0c"
	    RR("\x0f", "\x08") "\0\x1e\3mx1\xc0\x0c"),
	    "10 MX1.example.test,12 mx2.example.test,", "", "" },
	{ S("\0\1\x81\x80"), "", "", "malformed" },
	{ S(HEAD("\1", "\1") "\x40"), "", "", "malformed" },
	{ S(HEAD("\xff", "\1") EXAMPLE "\0\x0f\0\1"), "", "", "malformed" },
};

static char *
hosts_text(const struct mx_answer *answer, char *out)
{
	char *at = out;

	*out = '\0';
	for (uint32_t i = 0; i < answer->count; i++)
		at += sprintf(at, "%u %s,", answer->hosts[i].preference,
		    answer->hosts[i].name);
	return out;
}

static struct mx_answer *
take(struct span message)
{
	struct mx_answer *answer = calloc(1, sizeof *answer);
	char             *copy = malloc(message.len);

	/* Where nobody may read behind it. */
	memcpy(copy, message.ptr, message.len);
	answer->notes = buf_new(8 * KIB);
	mx_take(answer, "example.test", (struct span){ copy, message.len });
	mx_take_sts(answer, "example.test", (struct span){ copy, message.len });
	mx_take_tlsa(&answer->hosts[0], (struct span){ copy, message.len });
	free(copy);
	return answer;
}

static void
answer_free(struct mx_answer *answer)
{
	buf_free(&answer->notes);
	free(answer);
}

static void
test_answers(void **state)
{
	char text[8 * KIB];

	(void)state;
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		struct mx_answer *answer = take(answers[i].message);

		(void)buf_add_octet(&answer->notes, '\0');
		if (strcmp(hosts_text(answer, text), answers[i].hosts) != 0)
			fail_msg("%zu: %s", i, text);
		if (strstr(answer->notes.ptr, answers[i].notes) == NULL)
			fail_msg("%zu: %s", i, answer->notes.ptr);
		if (strstr(answer->why, answers[i].why) == NULL)
			fail_msg("%zu: %s", i, answer->why);
		answer_free(answer);
	}
}

/* Whatever comes of it, it ends, and either hosts or a reason. */
static void
test_spoiled(void **state)
{
	char copy[512];

	(void)state;
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		struct span message = answers[i].message;

		for (size_t len = 0; len < message.len; len++)
			answer_free(take(span_sub(message, 0, len)));
		for (size_t at = 0; at < message.len; at++)
			for (int bit = 0; bit < 256; bit += 5) {
				struct mx_answer *answer;

				memcpy(copy, message.ptr, message.len);
				copy[at] = (char)bit;
				answer = take((struct span){ copy,
				    message.len });
				assert_true((answer->count > 0) !=
				    (answer->why[0] != '\0'));
				answer_free(answer);
			}
	}
}

/* The ten best of many. */
static void
test_many(void **state)
{
	static const char head[] = HEAD("\1", "\x1e") EXAMPLE "\0\x0f\0\1";
	struct mx_answer *answer;
	struct buf message = buf_new(4 * KIB);
	char       text[8 * KIB];

	(void)state;
	(void)buf_add(&message, SPAN(head));
	for (int i = 0; i < 30; i++) {
		(void)buf_add(&message, SPAN(RR("\x0f", "\x08") "\0"));
		(void)buf_add_octet(&message, (char)((i * 7) % 30));
		(void)buf_addf(&message, "\3m%02d\xc0\x0c", (i * 7) % 30);
	}
	answer = take(buf_span(&message));
	assert_int_equal(answer->count, MX_HOSTS);
	for (unsigned i = 0; i < MX_HOSTS; i++)
		assert_int_equal(answer->hosts[i].preference, i);
	assert_non_null(strstr(hosts_text(answer, text), "9 m09.example.test"));
	(void)buf_add_octet(&answer->notes, '\0');
	assert_non_null(strstr(answer->notes.ptr, "20 more hosts are not"));
	answer_free(answer);
	buf_free(&message);
}

static void
test_notes(void **state)
{
	static const struct { struct span message; const char *note; } rows[] = {
		{ S(HEAD("\0", "\1") EXAMPLE "\0\x10\0\1\0\0\0\0\0\x0f"
		    "\x08v=STSv1;\5id=\n1"), "MTA-STS of example.test: "
		    "v=STSv1;id=?1\n" },
		{ S(HEAD("\0", "\1") EXAMPLE "\0\x10\0\1\0\0\0\0\0\x06"
		    "\5v=spf"), NULL },
		{ S(HEAD("\0", "\2") EXAMPLE "\0\x10\0\1\0\0\0\0\0\x09"
		    "\x08v=STSv1;" EXAMPLE "\0\x10\0\1\0\0\0\0\0\x09"
		    "\x08v=STSv1;"), "2 records, which count as none" },
		{ S(HEAD("\0", "\1") EXAMPLE "\0\x10\0\1\0\0\0\0\0\x0a"
		    "\x09v=STSv10;"), NULL },
		/* A length beyond the record. */
		{ S(HEAD("\0", "\1") EXAMPLE "\0\x10\0\1\0\0\0\0\0\x09"
		    "\xffv=STSv1;"), "v=STSv1;" },
	};
	struct mx_host host = { .name = "x" };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct mx_answer answer = { .notes = buf_new(KIB) };

		mx_take_sts(&answer, "example.test", rows[i].message);
		(void)buf_add_octet(&answer.notes, '\0');
		if (rows[i].note == NULL)
			assert_int_equal(answer.notes.len, 1);
		else if (strstr(answer.notes.ptr, rows[i].note) == NULL)
			fail_msg("%zu: %s", i, answer.notes.ptr);
		buf_free(&answer.notes);
	}
	mx_take_tlsa(&host, SPAN(HEAD("\0", "\3") EXAMPLE
	    "\0\x34\0\1\0\0\0\0\0\5\3\1\1\xaa\xbb" EXAMPLE
	    "\0\x34\0\1\0\0\0\0\0\2\2\1" EXAMPLE
	    "\0\x34\0\1\0\0\0\0\0\4\xff\xff\xff\0"));
	assert_string_equal(host.tlsa, "3 1 1 malformed, 255 255 255");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers), cmocka_unit_test(test_spoiled),
		cmocka_unit_test(test_many), cmocka_unit_test(test_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
