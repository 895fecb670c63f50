/* quoth list: the scenarios that a run would select. */
#include "cmd/suite.h"

#include "base/limits.h"
#include "base/text.h"

extern const struct command command_list;

static void
scenario_line(const struct scenario *scenario, struct buf *out)
{
	text_plain(scenario->id, out);
	for (uint32_t i = 0; i < scenario->tag_count; i++) {
		(void)buf_add_text(out, i == 0 ? "  [" : ", ");
		text_plain(scenario->tags[i], out);
	}
	(void)buf_add_text(out, scenario->tag_count > 0 ? "]" : "");
	(void)buf_add_text(out, "  ");
	text_plain(span_of(scenario->path), out);
	(void)buf_addf(out, ":%u", scenario->loc.line);
	if (scenario->skip.ptr != NULL) {
		(void)buf_add_text(out, "  skip: ");
		text_plain(scenario->skip, out);
	}
	(void)buf_add_octet(out, '\n');
}

static int
list(int argc, char **argv)
{
	struct suite suite = { 0 };
	struct args  args;
	struct buf   text = buf_new(64 * MIB);
	int          status;

	if (!args_read(&command_list, argc, argv, &args, &status)) {
		args_free(&args);
		return status;
	}
	status = suite_options(&args, &suite);
	if (status == EXIT_PASSED)
		status = suite_load(&args, true, false, &suite);
	for (uint32_t i = 0; status == EXIT_PASSED &&
	    i < suite.selection.count; i++)
		scenario_line(suite.selection.list[i], &text);
	status = exit_worse(status, suite_print(&suite, &text));
	buf_free(&text);
	suite_free(&suite);
	args_free(&args);
	return status;
}

static const struct option_row list_options[] = {
	SUITE_OPTIONS,
	{ .name = NULL },
};

const struct command command_list = {
	.name = "list", .usage = "list PATH...",
	.about = "lists the scenarios that a run would select: id, tags, place",
	.options = list_options, .main = list,
};
