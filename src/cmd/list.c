/* quoth list: the scenarios that a run would select. */
#include "cmd/suite.h"

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
	return suite_each(&command_list, argc, argv, scenario_line);
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
