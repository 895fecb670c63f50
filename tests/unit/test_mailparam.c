/* serve/mailparam: parameters of MAIL and RCPT, good and bad. */
#include "serve/mailparam.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

#define TEN "aaaaaaaaaa"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

#define MAIL MAILPARAM_MAIL
#define RCPT MAILPARAM_RCPT

static const struct row {
	enum mailparam_of of;
	const char *in, *reply;         /* its first three digits; NULL: good */
} rows[] = {
	{ MAIL, "", NULL }, { MAIL, " ", NULL }, { RCPT, "", NULL },
	{ MAIL, " SIZE=0", NULL }, { MAIL, " size=18446744073709551615", NULL },
	{ MAIL, " SIZE=99999999999999999999", NULL },
	{ MAIL, " SIZE=100000000000000000000", "501" },
	{ MAIL, " SIZE=", "501" }, { MAIL, " SIZE", "501" },
	{ MAIL, " SIZE=-1", "501" }, { MAIL, " SIZE=1k", "501" },
	{ MAIL, " SIZE=1 SIZE=1", "501" }, { RCPT, " SIZE=1", "555" },
	{ MAIL, " BODY=7BIT", NULL }, { MAIL, " body=8bitmime", NULL },
	{ MAIL, " BODY=BINARYMIME", NULL }, { MAIL, " BODY", "501" },
	{ MAIL, " BODY=9BIT", "501" }, { RCPT, " BODY=7BIT", "555" },
	{ MAIL, " BY=120;R", NULL }, { MAIL, " BY=-120;nt", NULL },
	{ MAIL, " BY=+0;N", NULL }, { MAIL, " BY=0;R", "501" },
	{ MAIL, " BY=-1;RT", "501" }, { MAIL, " BY=120", "501" },
	{ MAIL, " BY=120;", "501" }, { MAIL, " BY=;R", "501" },
	{ MAIL, " BY=120;RTX", "501" }, { MAIL, " BY=120;X", "501" },
	{ MAIL, " BY=1234567890;R", "501" }, { MAIL, " BY", "501" },
	{ MAIL, " HOLDFOR=60", NULL }, { MAIL, " HOLDFOR=86400", NULL },
	{ MAIL, " HOLDFOR=86401", "501" }, { MAIL, " HOLDFOR=0", "501" },
	{ MAIL, " HOLDFOR=-1", "501" }, { MAIL, " HOLDFOR", "501" },
	{ MAIL, " HOLDUNTIL=2027-01-31T12:00:00Z", NULL },
	{ MAIL, " HOLDUNTIL=2100-01-01T00:00:00Z", "501" },
	{ MAIL, " HOLDUNTIL=2027-01-31", "501" },
	{ MAIL, " HOLDUNTIL=2027-01-31 12:00:00Z", "501" },
	{ MAIL, " HOLDUNTIL", "501" },
	{ MAIL, " HOLDUNTIL=2027-13-01T12:00:00Z", "501" },
	{ MAIL, " HOLDUNTIL=2027-00-01T12:00:00Z", "501" },
	{ MAIL, " HOLDUNTIL=2027-01-32T12:00:00Z", "501" },
	{ MAIL, " HOLDUNTIL=2027-01-31T24:00:00Z", "501" },
	{ MAIL, " HOLDUNTIL=2027-01-31T12:60:00Z", "501" },
	{ MAIL, " HOLDUNTIL=2027-01-31T12:00:60Z", NULL },
	{ MAIL, " HOLDFOR=60 HOLDUNTIL=2027-01-31T12:00:00Z", "501" },
	{ MAIL, " HOLDUNTIL=2027-01-31T12:00:00Z SIZE=1 HOLDFOR=60", "501" },
	{ MAIL, " MT-PRIORITY=9", NULL }, { MAIL, " MT-PRIORITY=-9", NULL },
	{ MAIL, " MT-PRIORITY=10", "501" }, { MAIL, " MT-PRIORITY=-", "501" },
	{ MAIL, " MT-PRIORITY", "501" }, { RCPT, " MT-PRIORITY=1", "555" },
	{ MAIL, "  BODY=7BIT   SIZE=1 ", NULL },
	{ MAIL, " SMTPUTF8", NULL }, { MAIL, " SMTPUTF8 smtputf8", NULL },
	{ MAIL, " SMTPUTF8=", "501" }, { MAIL, " SMTPUTF8=1", "501" },
	{ RCPT, " SMTPUTF8", "555" },
	{ MAIL, " REQUIRETLS", "555" }, { RCPT, " REQUIRETLS", "555" },
	{ MAIL, " RET=FULL", NULL }, { MAIL, " RET=hdrs", NULL },
	{ MAIL, " RET=BODY", "501" }, { MAIL, " RET", "501" },
	{ MAIL, " RET=FULL RET=FULL", "501" }, { RCPT, " RET=FULL", "555" },
	{ MAIL, " ENVID=a+2Bb", NULL }, { MAIL, " ENVID=" HUNDRED, NULL },
	{ MAIL, " ENVID=" HUNDRED "a", "501" }, { MAIL, " ENVID=", "501" },
	{ MAIL, " ENVID=a+2b", "501" }, { MAIL, " ENVID=a+2", "501" },
	{ MAIL, " ENVID=a+", "501" }, { MAIL, " ENVID=a=b", "501" },
	{ MAIL, " ENVID=\xc3\xbc", "501" }, { MAIL, " ENVID=a\x01", "501" },
	{ MAIL, " ENVID", "501" }, { MAIL, " ENVID=a+0A", NULL },
	{ RCPT, " NOTIFY=NEVER", NULL }, { RCPT, " NOTIFY=success", NULL },
	{ RCPT, " NOTIFY=SUCCESS,FAILURE,DELAY", NULL },
	{ RCPT, " NOTIFY=NEVER,DELAY", "501" }, { RCPT, " NOTIFY=", "501" },
	{ RCPT, " NOTIFY=DELAY,", "501" }, { RCPT, " NOTIFY=,DELAY", "501" },
	{ RCPT, " NOTIFY=DELAY,,DELAY", "501" }, { RCPT, " NOTIFY", "501" },
	{ RCPT, " NOTIFY=NEVER NOTIFY=NEVER", "501" },
	{ MAIL, " NOTIFY=NEVER", "555" },
	{ RCPT, " ORCPT=rfc822;a@b", NULL },
	{ RCPT, " ORCPT=x-y;a+3Db NOTIFY=DELAY", NULL },
	{ RCPT, " ORCPT=rfc822", "501" }, { RCPT, " ORCPT=", "501" },
	{ RCPT, " ORCPT", "501" }, { RCPT, " ORCPT=;a", "501" },
	{ RCPT, " ORCPT=rfc822;", "501" }, { RCPT, " ORCPT=rfc822;a=b", "501" },
	{ RCPT, " ORCPT=r_c;a", "501" }, { RCPT, " ORCPT=utf-8;\xc3\xbc", "501" },
	{ RCPT, " ORCPT=rfc822;" HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED, "501" },
	{ MAIL, " X", "555" }, { MAIL, " X=1", "555" }, { MAIL, " X-Y=", "555" },
	{ MAIL, " =1", "501" }, { MAIL, " -X", "501" }, { MAIL, " S\xc3\xbc", "501" },
	{ MAIL, " SIZ", "555" }, { MAIL, " SIZES=1", "555" },
	{ MAIL, " X\x01", "501" },
};

static void
judges_parameters(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct mailparams params = { 0 };
		const char *got = mailparam_read(span_of(row->in), row->of, &params);

		if ((got == NULL) != (row->reply == NULL) || (got != NULL &&
		    memcmp(got, row->reply, 3) != 0))
			fail_msg("'%s': %s", row->in, got == NULL ? "good" : got);
		/* Reply, blank, enhanced code of the same class. */
		if (got != NULL)
			assert_memory_equal(got + 3, " 5.5.4 ", 7);
	}
}

static void
tells_size_and_utf8(void **state)
{
	struct mailparams params = { 0 };

	(void)state;
	params = (struct mailparams){ .secured = true };
	assert_null(mailparam_read(SPAN(" REQUIRETLS"), MAIL, &params));
	assert_true(memcmp(mailparam_read(SPAN(" REQUIRETLS=1"), MAIL,
	    &(struct mailparams){ .secured = true }), "501", 3) == 0);
	params = (struct mailparams){ 0 };
	assert_null(mailparam_read(SPAN(" SIZE=1234 SMTPUTF8"), MAIL, &params));
	assert_int_equal(params.size, 1234);
	assert_true(params.utf8);
	params = (struct mailparams){ 0 };
	assert_null(mailparam_read(SPAN(" SIZE=99999999999999999999"), MAIL,
	    &params));
	assert_true(params.size == UINT64_MAX);
	assert_false(params.utf8);
	params = (struct mailparams){ .utf8 = true };
	assert_null(mailparam_read(SPAN(" ORCPT=utf-8;\xc3\xbc"), RCPT, &params));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_parameters),
		cmocka_unit_test(tells_size_and_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
