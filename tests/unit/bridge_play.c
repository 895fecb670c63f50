/* The parent's side of tests/unit/test_bridge*.c. */
#include "bridge_play.h"

#include "base/arena.h"
#include "model/reply.h"
#include "model/result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { RUN = 7, STEPS_MAX = 4096 };

struct play {
	struct bridge_pipes pipes;
	const char         *source;
	const char *const  *answers;
	struct buf          said, in;
	uint32_t            told, inner;        /* steps answered so far */
	int                 turn;
};

static struct buf said = { .max = 1 << 20 };

/* ---- what comes back --------------------------------------------------------- */

static void
node_say(struct buf *out, const struct node *node, uint32_t line)
{
	if (node->loc.line != line)
		(void)buf_addf(out, "@%u ", (unsigned)node->loc.line);
	line = node->loc.line;
	if (node->absent)
		(void)buf_add_text(out, "nothing");
	else if (node->kind == NODE_FUNCTION)
		(void)buf_addf(out, "function %.*s", SPAN_ARG(node->text));
	else if (node->kind == NODE_SCALAR && node->secret)
		(void)buf_addf(out, "<%.*s>", SPAN_ARG(node->text));
	else if (node->kind == NODE_SCALAR)
		(void)buf_add(out, node->text);
	if (node->kind == NODE_SCALAR || node->kind == NODE_FUNCTION)
		return;
	(void)buf_add_text(out, node->kind == NODE_LIST ? "[" : "{");
	for (const struct node *n = node->first; n != NULL; n = n->next) {
		(void)buf_add_text(out, n == node->first ? "" : ", ");
		if (node->kind == NODE_MAP)
			(void)buf_addf(out, "%.*s=", SPAN_ARG(n->key));
		node_say(out, n, line);
	}
	(void)buf_add_text(out, node->kind == NODE_LIST ? "]" : "}");
}

/* Parts, as octets that can be read. */
static void
parts_say(struct buf *out, struct span *in, uint64_t count)
{
	struct span bytes;
	uint64_t    inner;

	for (uint64_t i = 0; i < count && in->len > 0; i++) {
		char type = *in->ptr;

		*in = span_from(*in, 1);
		if (i > 0)
			(void)buf_add_text(out, "+");
		if (type == PARTS_BYTES || type == PARTS_SECRET) {
			assert_true(take_bytes(in, &bytes));
			(void)buf_addf(out, type == PARTS_BYTES ? "'%.*s'" :
			    "%.*s", SPAN_ARG(bytes));
			continue;
		}
		if (type == PARTS_HMAC) {
			assert_true(take_bytes(in, &bytes));
			(void)buf_addf(out, "hmac(%.*s,", SPAN_ARG(bytes));
			assert_true(take_number(in, 99, &inner));
			parts_say(out, in, inner);
			(void)buf_add_text(out, ",");
		} else {
			(void)buf_add_text(out, "base64(");
		}
		assert_true(take_number(in, 99, &inner));
		parts_say(out, in, inner);
		(void)buf_add_text(out, ")");
	}
}

static bool
parts_make(struct parts_maker *maker, struct span parts, uint32_t count,
    struct arena *arena, struct span *text)
{
	struct buf out = buf_new(4096);

	(void)maker;
	parts_say(&out, &parts, count);
	*text = arena_copy(arena, buf_span(&out));
	buf_free(&out);
	return true;
}

static void
value_say(struct buf *out, struct span *body, bool literal)
{
	static const struct file file = { .name = "x.lua" };
	const struct file *files[3] = { &file, &file, &file };
	const struct places places = { files, 3 };
	struct parts_maker maker = { parts_make };
	struct arena arena = { NULL, 0 };
	const struct node *node = value_node(body, &places, literal, &maker,
	    &arena);

	assert_non_null(node);
	node_say(out, node, 0);
	arena_free(&arena);
}

static void
step_say(struct buf *out, struct span *body)
{
	static const char *const names[] = { "poll", "owes", "closing",
		"check", "waited" };
	uint64_t seq, flags, round, pause;

	assert_true(take_number(body, UINT32_MAX, &seq));
	assert_true(take_number(body, 31, &flags));
	assert_true(take_number(body, UINT32_MAX, &round));
	assert_true(take_number(body, UINT32_MAX, &pause));
	(void)buf_addf(out, "%u ", (unsigned)seq);
	for (unsigned i = 0; i < 5; i++)
		if ((flags & 1u << i) != 0)
			(void)buf_addf(out, "%s ", names[i]);
	if (round > 0)
		(void)buf_addf(out, "round %u ", (unsigned)round);
	if (pause > 0)
		(void)buf_addf(out, "pause %u ", (unsigned)pause);
	value_say(out, body, true);
}

static void
complaint_say(struct buf *out, struct span *body)
{
	static const char *const kinds[] = { "syntax", "script", "limit",
		"skip", "fail", "global" };
	struct complaint c;

	assert_true(take_complaint(body, &c));
	(void)buf_addf(out, "%s %u:%u %.*s", kinds[c.kind], (unsigned)c.file,
	    (unsigned)c.line, SPAN_ARG(c.text));
	if (c.traceback.len > 0)
		(void)buf_addf(out, "\n  %.*s", SPAN_ARG(c.traceback));
}

static void
bytes_say(struct buf *out, struct span *body)
{
	struct span bytes;

	assert_true(take_bytes(body, &bytes));
	(void)buf_add(out, bytes);
}

static void
frame_say(struct buf *out, const struct frame *frame)
{
	struct span body = frame->body;
	uint64_t    within = 0, every = 0, returned;

	switch ((int)frame->kind) {
	case FRAME_REGISTERED:
		(void)buf_add_text(out, "registered ");
		value_say(out, &body, false);
		/* Whether the file returned something. */
		assert_true(take_number(&body, 1, &returned));
		break;
	case FRAME_REFUSED:
		(void)buf_add_text(out, "refused ");
		complaint_say(out, &body);
		break;
	case FRAME_FINDING:
		(void)buf_add_text(out, "finding ");
		complaint_say(out, &body);
		break;
	case FRAME_REQUIRE:
		(void)buf_add_text(out, "require ");
		bytes_say(out, &body);
		break;
	case FRAME_STEP:
		step_say(out, &body);
		break;
	case FRAME_DIALOGUE:
		(void)buf_add_text(out, "dialogue ");
		step_say(out, &body);
		break;
	case FRAME_NOTE:
		(void)buf_add_text(out, "note ");
		bytes_say(out, &body);
		break;
	case FRAME_PRINT:
		(void)buf_add_text(out, "print ");
		bytes_say(out, &body);
		break;
	case FRAME_POLL:
		assert_true(take_number(&body, UINT32_MAX, &within) &&
		    take_number(&body, UINT32_MAX, &every));
		(void)buf_addf(out, "poll %u %u", (unsigned)within,
		    (unsigned)every);
		break;
	case FRAME_STOPPED:
		(void)buf_add_text(out, "stopped");
		break;
	case FRAME_END:
		(void)buf_add_text(out, "end");
		break;
	case FRAME_SKIP: case FRAME_FAIL: case FRAME_ERROR:
		(void)buf_add_text(out, frame->kind == FRAME_SKIP ? "skip " :
		    frame->kind == FRAME_FAIL ? "fail " : "error ");
		complaint_say(out, &body);
		break;
	default:
		fail_msg("frame %d", (int)frame->kind);
	}
	assert_int_equal(body.len, 0);
	(void)buf_add_text(out, "\n");
}

static bool
play_flush(struct bridge_pipes *pipes, struct buf *out)
{
	struct play *play = (struct play *)pipes;
	struct span  rest = buf_span(out);
	struct frame frame;
	size_t       used;

	while ((used = frame_cut(rest, &frame)) > 0) {
		assert_true(used != SIZE_MAX);
		frame_say(&play->said, &frame);
		rest = span_from(rest, used);
	}
	assert_int_equal(rest.len, 0);
	buf_clear(out);
	return true;
}

/* ---- what goes there --------------------------------------------------------- */

static void
bare(struct buf *in, enum frame_kind kind)
{
	frame_end(in, frame_begin(in, kind, RUN));
}

static void
outcome(struct play *play, struct buf *in, const char *word)
{
	struct told told = { .seq = play->told + 1, .inner = play->inner,
	    .last = true, .ms = 5, .code = -1, .result = RESULT_PASS };
	char   raw[1024];
	size_t len = 0, mark;
	bool   stop = *word == '!';

	told.last = *word != '+';
	if (stop || *word == '?')
		told.result = RESULT_FAIL;
	if (*word == '~')
		told.result = RESULT_AGAIN;
	told.set_count = *word == '=';
	word += *word < '0' || *word > '9';
	told.has_reply = told.set_count == 0 && *word != '\0';
	if (told.has_reply) {
		told.code = (int32_t)strtol(word, NULL, 10);
		for (; *word != '\0'; word++) {
			if (*word == '|')
				raw[len++] = '\r';
			raw[len++] = *word == '|' ? '\n' : *word;
		}
		raw[len++] = '\r';
		raw[len++] = '\n';
		told.raw = (struct span){ raw, len };
		if (span_find(told.raw, SPAN(" 2.1.0 ")) != SIZE_MAX)
			told.enhanced = ENHANCED(2, 1, 0);
	}
	mark = frame_begin(in, FRAME_OUTCOME, RUN);
	put_told(in, &told);
	if (told.set_count > 0) {
		size_t name = strcspn(word, " ");

		put_bytes(in, (struct span){ word, name });
		put_bytes(in, span_of(word + name + 1));
	}
	frame_end(in, mark);
	play->told += told.last;
	play->inner = told.last ? 0 : play->inner + 1;
	if (stop)
		bare(in, FRAME_STOP);
}

static void
text_entry(struct buf *in, const char *key, const char *text)
{
	put_bytes(in, span_of(key));
	(void)buf_add_octet(in, VALUE_TEXT);
	put_bytes(in, span_of(text));
}

static void
start(struct buf *in)
{
	size_t mark = frame_begin(in, FRAME_START, RUN);

	put_number(in, 1);
	put_number(in, 2);
	put_number(in, 42);
	put_number(in, 43);
	(void)buf_add_octet(in, VALUE_MAP);
	put_number(in, 6);
	text_entry(in, "client", "me.test");
	text_entry(in, "row", "");
	text_entry(in, "scenario", "s");
	text_entry(in, "seed", "42");
	text_entry(in, "target.host", "127.0.0.1");
	text_entry(in, "target.port", "25");
	(void)buf_add_octet(in, VALUE_MAP);
	put_number(in, 4);
	put_bytes(in, SPAN("count"));
	(void)buf_add_octet(in, VALUE_NUMBER);
	put_bytes(in, SPAN("3"));
	put_bytes(in, SPAN("flag"));
	(void)buf_add_octet(in, VALUE_BOOL);
	(void)buf_add_octet(in, 1);
	text_entry(in, "name", "bob");
	put_bytes(in, SPAN("pw"));
	(void)buf_add_octet(in, VALUE_PARTS);
	put_number(in, 1);
	(void)buf_add_octet(in, PARTS_SECRET);
	put_bytes(in, SPAN("pw"));
	(void)buf_add_octet(in, VALUE_MAP);
	put_number(in, 1);
	text_entry(in, "id", "v1");
	frame_end(in, mark);
}

static void
module(struct buf *in, uint32_t file, const char *name, const char *text)
{
	size_t mark = frame_begin(in, FRAME_MODULE, 0);

	put_number(in, file);
	put_bytes(in, span_of(name));
	put_bytes(in, span_of(text));
	frame_end(in, mark);
}

static void
answer(struct play *play, struct buf *in, const char *word)
{
	if (strcmp(word, "STOP") == 0)
		bare(in, FRAME_STOP);
	else if (strcmp(word, "DROP") == 0)
		bare(in, FRAME_DROP);
	else if (strcmp(word, "START") == 0)
		start(in);
	else if (strncmp(word, "MODULE ", 7) == 0)
		module(in, 2, "lib/m.lua", word + 7);
	else if (strncmp(word, "NOMODULE ", 9) == 0)
		module(in, 0, "m", word + 9);
	else
		outcome(play, in, word);
}

static void
answers(struct play *play, struct buf *in, const char *words)
{
	while (*words != '\0') {
		size_t len = strcspn(words, ";");
		char   word[2048];

		/* Modules hold what they want. */
		if (strstr(words, "MODULE ") != NULL)
			len = strlen(words);
		assert_true(len < sizeof word);
		memcpy(word, words, len);
		word[len] = '\0';
		answer(play, in, word);
		words += len + (words[len] == ';');
	}
}

static void
load(struct buf *in, const char *source)
{
	size_t mark = frame_begin(in, FRAME_LOAD, 0);

	put_bytes(in, SPAN("x.lua"));
	put_bytes(in, span_of(source));
	frame_end(in, mark);
}

/* First the file, then, when it registered a function, its run. */
static bool
play_more(struct bridge_pipes *pipes, struct buf *out, struct buf *in)
{
	struct play *play = (struct play *)pipes;

	assert_true(play_flush(pipes, out));
	(void)buf_add_octet(&play->said, '\0');
	play->said.len--;
	if (play->turn == 0) {
		load(in, play->source);
		play->turn = 1;
		return true;
	}
	if (play->turn == 1 && strstr(play->said.ptr, "function 1") != NULL) {
		play->turn = 2;
		start(in);
		return true;
	}
	if (*play->answers == NULL)
		return false;
	answers(play, in, *play->answers++);
	return true;
}

const char *
bridge_say(const char *source, const char *const *words)
{
	struct play    play = { { play_flush, play_more }, source, words,
	    .said = said };
	struct bridge *bridge;
	struct pulse   pulse = { 0 };
	enum bridge_turn turn = BRIDGE_ON;

	buf_clear(&play.said);
	bridge = bridge_new(&play.pipes, &pulse);
	assert_non_null(bridge);
	while (turn == BRIDGE_ON)
		turn = bridge_turn(bridge);
	bridge_free(bridge);
	if (turn == BRIDGE_BROKEN)
		(void)buf_add_text(&play.said, "broken\n");
	(void)buf_add_octet(&play.said, '\0');
	said = play.said;
	return said.ptr;
}

static bool
case_holds(const struct bridge_case *test)
{
	const char *got = bridge_say(test->source, test->answers);
	const char *list = strstr(got, "registered ");
	bool        holds;

	/* What was registered is no news where a run follows. */
	if (list == got && *test->want != '?' &&
	    strstr(got, "function 1") != NULL &&
	    strncmp(test->want, "registered", 10) != 0)
		got = strchr(got, '\n') + 1;
	/* "?words": they occur in it. */
	holds = *test->want == '?' ? strstr(got, test->want + 1) != NULL :
	    strcmp(got, test->want) == 0;
	if (!holds)
		print_error("%s\n--- got\n%s--- want\n%s---\n", test->name,
		    got, test->want);
	return holds;
}

/* All of them, also behind one that fails. */
void
bridge_play_all(const struct bridge_case *tests, size_t count)
{
	size_t failed = 0;

	for (size_t i = 0; i < count; i++)
		failed += !case_holds(&tests[i]);
	assert_int_equal(failed, 0);
}
