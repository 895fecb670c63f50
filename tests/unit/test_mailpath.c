/* serve/mailpath: RFC 5321 4.1.2, good and bad. */
#include "base/buf.h"
#include "serve/mailpath.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

#define TEN "aaaaaaaaaa"
#define L60 TEN TEN TEN TEN TEN TEN
#define L64 L60 "aaaa"
#define LABEL L60 "aaa"
#define D189 LABEL "." LABEL "." L60 "a"        /* 63+1+63+1+61 */

static const struct good {
	enum mailpath_kind kind;
	const char *in, *local, *domain;
	size_t      rest;
	bool        utf8;
} goods[] = {
	{ MAILPATH_REVERSE, "<>", "", "", 0, false },
	{ MAILPATH_REVERSE, "<> SIZE=1", "", "", 7, false },
	{ MAILPATH_REVERSE, "<a@b>", "a", "b", 0, false },
	{ MAILPATH_FORWARD, "<a@b.c>x", "a", "b.c", 1, false },
	{ MAILPATH_FORWARD, "<a.b.c@d.e>", "a.b.c", "d.e", 0, false },
	{ MAILPATH_FORWARD, "<!#$%&'*+-/=?^_`{|}~@d>", "!#$%&'*+-/=?^_`{|}~",
	    "d", 0, false },
	{ MAILPATH_FORWARD, "<a+x@d-e.f--g>", "a+x", "d-e.f--g", 0, false },
	{ MAILPATH_FORWARD, "<1@2.3>", "1", "2.3", 0, false },
	{ MAILPATH_FORWARD, "<postmaster>", "postmaster", "", 0, false },
	{ MAILPATH_FORWARD, "<PostMaster> X", "PostMaster", "", 2, false },
	{ MAILPATH_FORWARD, "<postmaster@a>", "postmaster", "a", 0, false },
	{ MAILPATH_FORWARD, "<postmaster2@a>", "postmaster2", "a", 0, false },
	/* Quoted strings. */
	{ MAILPATH_FORWARD, "<\"a b\"@c>", "\"a b\"", "c", 0, false },
	{ MAILPATH_FORWARD, "<\"\"@c>", "\"\"", "c", 0, false },
	{ MAILPATH_FORWARD, "<\"a\\\"b\\\\\"@c>", "\"a\\\"b\\\\\"", "c", 0,
	    false },
	{ MAILPATH_FORWARD, "<\"a@b>c\"@d>", "\"a@b>c\"", "d", 0, false },
	/* Source routes. */
	{ MAILPATH_FORWARD, "<@x:a@b>", "a", "b", 0, false },
	{ MAILPATH_REVERSE, "<@x.y,@z:a@b>", "a", "b", 0, false },
	/* Literals. */
	{ MAILPATH_FORWARD, "<a@[127.0.0.1]>", "a", "[127.0.0.1]", 0, false },
	{ MAILPATH_FORWARD, "<a@[IPv6:::1]>", "a", "[IPv6:::1]", 0, false },
	{ MAILPATH_FORWARD, "<a@[ipv6:2001:db8::192.0.2.1]>", "a",
	    "[ipv6:2001:db8::192.0.2.1]", 0, false },
	{ MAILPATH_FORWARD, "<a@[x-tag:any.thing]>", "a", "[x-tag:any.thing]",
	    0, false },
	/* UTF-8. */
	{ MAILPATH_FORWARD, "<\xc3\xbc@b>", "\xc3\xbc", "b", 0, true },
	{ MAILPATH_FORWARD, "<a@\xe4\xbe\x8b.b>", "a", "\xe4\xbe\x8b.b", 0,
	    true },
	{ MAILPATH_FORWARD, "<\"\xc3\xbc \"@b>", "\"\xc3\xbc \"", "b", 0, true },
	/* Limits. */
	{ MAILPATH_FORWARD, "<" L64 "@" D189 ">", L64, D189, 0, false },
	{ MAILPATH_FORWARD, "<a@" LABEL ">", "a", LABEL, 0, false },
};

static const struct bad {
	enum mailpath_kind kind;
	const char *in;
} bads[] = {
	{ MAILPATH_FORWARD, "<>" },
	{ MAILPATH_REVERSE, "<postmaster>" },
	{ MAILPATH_FORWARD, "" },
	{ MAILPATH_FORWARD, "<" },
	{ MAILPATH_REVERSE, "<" },
	{ MAILPATH_FORWARD, "a@b" },
	{ MAILPATH_FORWARD, "<a@b" },
	{ MAILPATH_FORWARD, "<a@b<" },
	{ MAILPATH_FORWARD, "<a>" },
	{ MAILPATH_FORWARD, "<a@>" },
	{ MAILPATH_FORWARD, "<@b>" },
	{ MAILPATH_FORWARD, "<a@b@c>" },
	{ MAILPATH_FORWARD, "<a b@c>" },
	{ MAILPATH_FORWARD, "<a @c>" },
	{ MAILPATH_FORWARD, "< a@c>" },
	{ MAILPATH_FORWARD, "<a@c >" },
	{ MAILPATH_FORWARD, "<.a@c>" },
	{ MAILPATH_FORWARD, "<a.@c>" },
	{ MAILPATH_FORWARD, "<a..b@c>" },
	{ MAILPATH_FORWARD, "<a@.c>" },
	{ MAILPATH_FORWARD, "<a@c.>" },
	{ MAILPATH_FORWARD, "<a@c..d>" },
	{ MAILPATH_FORWARD, "<a@-c>" },
	{ MAILPATH_FORWARD, "<a@c->" },
	{ MAILPATH_FORWARD, "<a@c-.d>" },
	{ MAILPATH_FORWARD, "<a@c_d>" },
	{ MAILPATH_FORWARD, "<a(x)@c>" },
	{ MAILPATH_FORWARD, "<a,b@c>" },
	{ MAILPATH_FORWARD, "<<a@b>>" },
	{ MAILPATH_FORWARD, "<a\r@b>" },
	{ MAILPATH_FORWARD, "<a\x7f@b>" },
	{ MAILPATH_FORWARD, "<\"a@b>" },
	{ MAILPATH_FORWARD, "<\"a\"b@c>" },
	{ MAILPATH_FORWARD, "<a\"b\"@c>" },
	{ MAILPATH_FORWARD, "<\"a\\\"@c>" },
	{ MAILPATH_FORWARD, "<\"a\tb\"@c>" },
	{ MAILPATH_FORWARD, "<\"\\\xc3\xbc\"@c>" },
	{ MAILPATH_FORWARD, "<@x>" },
	{ MAILPATH_FORWARD, "<@x:>" },
	{ MAILPATH_FORWARD, "<@x,y:a@b>" },
	{ MAILPATH_FORWARD, "<@x,:a@b>" },
	{ MAILPATH_FORWARD, "<@[1.2.3.4]:a@b>" },
	{ MAILPATH_FORWARD, "<a@[]>" },
	{ MAILPATH_FORWARD, "<a@[1.2.3]>" },
	{ MAILPATH_FORWARD, "<a@[1.2.3.256]>" },
	{ MAILPATH_FORWARD, "<a@[1.2.3.4>" },
	{ MAILPATH_FORWARD, "<a@[IPv6:1::2::3]>" },
	{ MAILPATH_FORWARD, "<a@[IPv6:]>" },
	{ MAILPATH_FORWARD, "<a@[::1]>" },
	{ MAILPATH_FORWARD, "<a@[tag:]>" },
	{ MAILPATH_FORWARD, "<a@[tag-:x]>" },
	{ MAILPATH_FORWARD, "<a@[tag:a b]>" },
	{ MAILPATH_FORWARD, "<a@[tag:a\\b]>" },
	{ MAILPATH_FORWARD, "<\xc3@b>" },
	{ MAILPATH_FORWARD, "<a@\xc0\x80>" },
	{ MAILPATH_FORWARD, "<a@\xed\xa0\x80>" },
	{ MAILPATH_FORWARD, "<" L64 "a@b>" },
	{ MAILPATH_FORWARD, "<a@" LABEL "a>" },
	{ MAILPATH_FORWARD, "<" L64 "@" D189 "a>" },
	{ MAILPATH_FORWARD, "<@" D189 ":" L64 "@b>" },
	{ MAILPATH_FORWARD, "<a@" D189 "." LABEL "." LABEL ">" },
};

static void
reads_good_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof goods / sizeof goods[0]; i++) {
		const struct good *good = &goods[i];
		struct mailpath    path;
		size_t used = mailpath_read(span_of(good->in), good->kind, &path);

		if (used != strlen(good->in) - good->rest)
			fail_msg("%s: took %zu", good->in, used);
		assert_true(span_is(path.local, good->local));
		assert_true(span_is(path.domain, good->domain));
		assert_int_equal(path.path.len, used);
		assert_int_equal(path.utf8, good->utf8);
	}
}

static void
refuses_bad_paths(void **state)
{
	struct mailpath path;

	(void)state;
	for (size_t i = 0; i < sizeof bads / sizeof bads[0]; i++)
		if (mailpath_read(span_of(bads[i].in), bads[i].kind, &path) != 0)
			fail_msg("accepted: %s", bads[i].in);
	assert_int_equal(mailpath_read((struct span){ "<a\0b@c>", 7 },
	    MAILPATH_FORWARD, &path), 0);
	assert_int_equal(mailpath_read((struct span){ "<a@[1.2.3.4\0]>", 14 },
	    MAILPATH_FORWARD, &path), 0);
}

/* Every start of a good path is no path: nothing is read behind the end. */
static void
refuses_cut_paths(void **state)
{
	struct mailpath path;

	(void)state;
	for (size_t i = 0; i < sizeof goods / sizeof goods[0]; i++) {
		size_t len = strlen(goods[i].in) - goods[i].rest;
		struct buf copy = buf_new(1000);

		for (size_t cut = 0; cut < len; cut++) {
			buf_free(&copy);
			buf_add(&copy, (struct span){ goods[i].in, cut });
			assert_int_equal(mailpath_read(buf_span(&copy),
			    goods[i].kind, &path), 0);
		}
		buf_free(&copy);
	}
}

static void
reads_names(void **state)
{
	struct mailpath path;

	(void)state;
	assert_true(mailpath_mailbox(SPAN("a@b"), &path));
	assert_true(span_is(path.domain, "b"));
	assert_false(mailpath_mailbox(SPAN("a@b>"), &path));
	assert_false(mailpath_mailbox(SPAN("a"), &path));
	assert_true(mailpath_mailbox(SPAN(L64 "@" D189), &path));
	assert_false(mailpath_mailbox(SPAN(L64 "@" D189 "a"), &path));
	assert_true(mailpath_domain(SPAN(D189 "." LABEL ".a")));
	assert_false(mailpath_domain(SPAN(D189 "." LABEL ".aa")));
	assert_false(mailpath_domain(SPAN("a.b ")));
	assert_false(mailpath_domain(SPAN("")));
}

static void
unquotes(void **state)
{
	char room[MAILPATH_LOCAL_MAX];

	(void)state;
	assert_true(span_is(mailpath_unquote(SPAN("a"), room), "a"));
	assert_true(span_is(mailpath_unquote(SPAN("\"a\""), room), "a"));
	assert_true(span_is(mailpath_unquote(SPAN("\"\""), room), ""));
	assert_true(span_is(mailpath_unquote(SPAN("\"a\\\"\\\\ b\""), room),
	    "a\"\\ b"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_good_paths),
		cmocka_unit_test(refuses_bad_paths),
		cmocka_unit_test(refuses_cut_paths),
		cmocka_unit_test(reads_names),
		cmocka_unit_test(unquotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
