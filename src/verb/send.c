/*
 * send: LINE. One command line; CRLF is added. A line without variables is
 * made while loading and never copied again.
 */
#include "base/limits.h"
#include "model/build.h"
#include "model/verb.h"

struct send_args {
	struct template line;
	struct span     wire;           /* constant: with its CRLF */
};

static bool
is_hex(struct span two)
{
	for (size_t i = 0; i < two.len; i++)
		if (span_hex(two.ptr[i]) < 0)
			return false;
	return two.len == 2;
}

/* `send` knows no escapes: what looks like one was meant for `write`. */
static size_t
escape_find(struct span line)
{
	for (size_t at = 0; at + 1 < line.len; at++) {
		char next = line.ptr[at + 1];

		if (line.ptr[at] != '\\')
			continue;
		if (next == '\\')
			at++;
		else if (next == 'r' || next == 'n' || (next == 'x' &&
		    is_hex(span_sub(line, at + 2, 2))))
			return at;
	}
	return SIZE_MAX;
}

static bool
line_refuse(struct build *build, const struct node *node, size_t at,
    const char *text, const char *hint)
{
	struct loc loc = node_loc_at(node, at);

	/* A block scalar's place is its header: that is what to change. */
	if (at == SIZE_MAX || node->style == STYLE_LITERAL ||
	    node->style == STYLE_FOLDED)
		loc = node->loc;
	diag_error(build->diags, DIAG_ID_line_break, loc, "%s", text);
	diag_hint(build->diags, "%s", hint);
	return false;
}

static bool
too_long(struct build *build, const struct node *node)
{
	build_error(build, node, DIAG_ID_limit, "command longer than %d KiB",
	    LIMIT_COMMAND / KIB);
	return false;
}

static bool
line_check(struct build *build, const struct node *node)
{
	size_t at = span_chr(node->text, '\n');

	if (at == SIZE_MAX)
		at = span_chr(node->text, '\r');
	if (at != SIZE_MAX)
		return line_refuse(build, node, at, "line break in a command",
		    "one send is one line; two commands are two steps, and "
		    "exact bytes are written with write:");
	at = escape_find(node->text);
	if (at != SIZE_MAX)
		return line_refuse(build, node, at,
		    "send knows no escapes; the line end is added",
		    "exact bytes are written with write:");
	return node->text.len <= LIMIT_COMMAND || too_long(build, node);
}

static struct span
line_end(struct arena *arena, struct span line)
{
	char *wire = arena_alloc(arena, line.len + 2);

	if (line.len > 0)
		memcpy(wire, line.ptr, line.len);
	memcpy(wire + line.len, "\r\n", 2);
	return (struct span){ wire, line.len + 2 };
}

static bool
send_parse(struct build *build, const struct node *node, const void **args)
{
	struct send_args *send = arena_alloc(build->arena, sizeof *send);
	struct span       line;

	*args = send;
	if (node->kind != NODE_SCALAR || node->absent) {
		build_error(build, node, node->absent ?
		    DIAG_ID_missing_value : DIAG_ID_wrong_type,
		    "send needs one command line");
		if (build->quote != NULL)
			build->quote(node, build->diags);
		return false;
	}
	if (!line_check(build, node) ||
	    !template_parse(build, node, TEMPLATE_TEXT, &send->line))
		return false;
	if (!template_constant(&send->line))
		return true;
	line = template_bytes(&send->line);
	if (line.len > LIMIT_COMMAND)
		return too_long(build, node);
	if (span_chr(line, '\n') != SIZE_MAX || span_chr(line, '\r') != SIZE_MAX)
		return line_refuse(build, node, SIZE_MAX,
		    "a variable puts a line break into the command",
		    "it would be two commands");
	send->wire = line_end(build->arena, line);
	return true;
}

static bool
send_plan(const void *args, struct plan *plan, struct want *want,
    struct fault *fault)
{
	const struct send_args *send = args;
	struct buf line = buf_new(LIMIT_COMMAND);
	bool       fine;

	if (send->wire.len > 0) {
		*want = (struct want){ .kind = WANT_WRITE,
		    .bytes = send->wire };
		if (plan->proto->ask != NULL)
			plan->ask = plan->proto->ask(plan->talk,
			    span_sub(send->wire, 0, send->wire.len - 2));
		return true;
	}
	fine = template_expand(&send->line, plan->vars, &line, fault) &&
	    plan_line(plan, buf_span(&line), want, fault);
	buf_free(&line);
	return fine;
}

const struct verb verb_send = {
	.name = "send", .usage = "send: LINE", .awaits = true, .groups = true,
	.speaks = true, .parse = send_parse, .plan = send_plan
};
