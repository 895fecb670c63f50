/* serve/maildir and what the server keeps in it. */
#include "serve_talk.h"

#include "base/limits.h"
#include "serve/maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static int
make_folder(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof folder, "/tmp/quoth-maildir-XXXXXX");
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
remove_folder(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

static const char *
path_of(const char *name)
{
	static char path[400];

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static int
count_files(const char *part)
{
	DIR           *dir = opendir(path_of(part));
	struct dirent *entry;
	int            count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

static void
expect_file(const char *name, const char *text, size_t len)
{
	char octets[4096];
	int  fd = open(path_of(name), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fail_msg("no %s", name);
	assert_int_equal(read(fd, octets, sizeof octets), len);
	assert_memory_equal(octets, text, len);
	close(fd);
}

static void
keeps_files(void **state)
{
	struct maildir maildir;
	struct fault   fault;

	(void)state;
	assert_true(maildir_open(&maildir, folder, &fault));
	assert_int_equal(maildir_keep(&maildir, "a", SPAN("head"), SPAN("body")),
	    0);
	expect_file("new/a", "headbody", 8);
	assert_int_equal(maildir_keep(&maildir, "b", SPAN(""), SPAN("")), 0);
	expect_file("new/b", "", 0);
	/* A name that is taken keeps its octets. */
	assert_int_equal(maildir_keep(&maildir, "a", SPAN("x"), SPAN("y")),
	    EEXIST);
	expect_file("new/a", "headbody", 8);
	assert_int_equal(count_files("tmp"), 0);
	assert_int_equal(maildir_keep(&maildir, "no/where", SPAN("x"), SPAN("y")),
	    ENOENT);
	/* Opened again: nothing is lost. */
	maildir_close(&maildir);
	assert_true(maildir_open(&maildir, folder, &fault));
	assert_int_equal(count_files("new"), 2);
	maildir_close(&maildir);
}

static int64_t
at_2026(void)
{
	return INT64_C(1767225599) + 1;
}

static void
keeps_what_was_sent(void **state)
{
	static const char wanted[] =
	    "Return-Path: <a@b.test>\r\n"
	    "X-Envelope-To: <alice+x@example.test>\r\n"
	    "X-Envelope-To: <bob@example.test>\r\n"
	    "Received: from c.test (127.0.0.1:4711)\r\n"
	    "\tby embedded.quoth.test with ESMTP id 000000000000;\r\n"
	    "\tThu, 01 Jan 2026 00:00:00 +0000\r\n"
	    "Subject: x\r\n\r\n.dot\r\nbare\nlf\rcr\0nul\xff\r\n";
	static const char sent[] =
	    "EHLO c.test\r\nMAIL FROM:<a@b.test> SIZE=10\r\n"
	    "RCPT TO:<alice+x@example.test>\r\nRCPT TO:<eve@example.test>\r\n"
	    "RCPT TO:<bob@example.test> NOTIFY=NEVER\r\nDATA\r\n"
	    "Subject: x\r\n\r\n..dot\r\nbare\nlf\rcr\0nul\xff\r\n.\r\n";
	const struct serve_options options = { .maildir = folder,
		.now = at_2026 };
	struct serve_talk talk;
	struct span       in = { sent, sizeof sent - 1 };

	(void)state;
	serve_talk_begin(&talk, &options);
	assert_true(span_ends(serve_talk_say(&talk, in, 1),
	    SPAN("250 2.0.0 queued as 000000000000\r\n")));
	expect_file("new/000000000000.quoth", wanted, sizeof wanted - 1);
	/* Each its own file; the reply tells which. */
	for (int i = 2; i < 50; i++) {
		(void)serve_talk_say(&talk, in, in.len);
		assert_int_equal(count_files("new"), i);
	}
	serve_talk_end(&talk);
	assert_int_equal(count_files("tmp"), 0);
}

/* Servers with the same seed, one after the other. */
static void
finds_free_names(void **state)
{
	static const char sent[] = "EHLO c\r\nMAIL FROM:<>\r\n"
	    "RCPT TO:<bob@example.test>\r\nDATA\r\nx\r\n.\r\n";
	const struct serve_options options = { .maildir = folder };
	struct serve_talk talk;

	(void)state;
	for (int i = 1; i <= 10; i++) {
		serve_talk_begin(&talk, &options);
		assert_true(span_find(serve_talk_send(&talk, sent),
		    SPAN("queued as ")) != SIZE_MAX);
		serve_talk_end(&talk);
		assert_int_equal(count_files("new"), i);
	}
}

static void
answers_451_for_file_errors(void **state)
{
	static const char letter[] = "MAIL FROM:<>\r\n"
	    "RCPT TO:<bob@example.test>\r\nDATA\r\nx\r\n.\r\n";
	const struct serve_options options = { .maildir = folder };
	struct serve_talk talk;

	(void)state;
	serve_talk_begin(&talk, &options);
	(void)serve_talk_send(&talk, "EHLO c\r\n");
	assert_int_equal(rmdir(path_of("tmp")), 0);
	assert_true(span_ends(serve_talk_send(&talk, letter),
	    SPAN("\r\n451 4.3.0 Message cannot be kept\r\n")));
	assert_int_equal(mkdir(path_of("tmp"), 0700), 0);
	assert_int_equal(rmdir(path_of("new")), 0);
	assert_true(span_ends(serve_talk_send(&talk, letter),
	    SPAN("\r\n451 4.3.0 Message cannot be kept\r\n")));
	assert_int_equal(count_files("tmp"), 0);
	assert_int_equal(mkdir(path_of("new"), 0700), 0);
	assert_true(span_find(serve_talk_send(&talk, letter),
	    SPAN("250 2.0.0 queued as ")) != SIZE_MAX);
	assert_int_equal(count_files("new"), 1);
	serve_talk_end(&talk);
}

static void
keeps_nothing_else(void **state)
{
	const struct serve_options options = { .maildir = folder,
		.size_max = 10 };
	struct serve_talk talk;

	(void)state;
	serve_talk_begin(&talk, &options);
	(void)serve_talk_send(&talk, "EHLO c\r\nMAIL FROM:<>\r\n"
	    "RCPT TO:<bob@example.test>\r\nDATA\r\n12345678901234567890\r\n.\r\n"
	    "MAIL FROM:<>\r\nRCPT TO:<bob@example.test>\r\nRSET\r\n"
	    "MAIL FROM:<>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\nhalf");
	serve_talk_end(&talk);          /* the client is gone */
	assert_int_equal(count_files("new"), 0);
	assert_int_equal(count_files("tmp"), 0);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keeps_files),
		TEST(keeps_what_was_sent),
		TEST(finds_free_names),
		TEST(answers_451_for_file_errors),
		TEST(keeps_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
