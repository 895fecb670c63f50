/*
 * What each fault does to an answer. The answer is there already; a fault
 * changes its octets, or says how they leave and what follows. Several faults
 * of one answer work in the order of the rows. Only NNN is different: it comes
 * before the command, which is then not done.
 */
#include "serve/faults.h"

#include "base/limits.h"
#include "base/mem.h"

enum { FRAGMENT_PAUSE_MS = 2, GARBAGE_OCTETS = 32 };

struct faults_act {
	struct faults_state *state;
	struct service_pace *pace;
	struct buf          *out;
	size_t               from;
};

/* Lines that begin with the word, but not the first one; the last one that is
 * left ends the reply. */
static void
hide(const struct faults_item *item, struct faults_act *act)
{
	struct buf *out = act->out;
	struct span rest = span_from(buf_span(out), act->from), line;
	size_t      to = act->from, last = act->from;
	bool        first = true;

	while (rest.len > 0) {
		size_t      lf = span_chr(rest, '\n');
		struct span text, word;

		line = span_sub(rest, 0, lf == SIZE_MAX ? rest.len : lf + 1);
		rest = span_from(rest, line.len);
		text = span_from(line, 4);
		if (first || !span_word(&text, " \r\n", &word) ||
		    !span_eq_nocase(word, span_of(item->text))) {
			last = to;
			memmove(out->ptr + to, line.ptr, line.len);
			to += line.len;
		}
		first = false;
	}
	out->len = to;
	if (to >= last + 4 && out->ptr[last + 3] == '-')
		out->ptr[last + 3] = ' ';
}

static void
extra(const struct faults_item *item, struct faults_act *act)
{
	buf_add_text(act->out, item->text);
	buf_add(act->out, SPAN("\r\n"));
}

/* The same ones every time, of all kinds but line ends. */
static void
garbage(const struct faults_item *item, struct faults_act *act)
{
	uint32_t value = 0x9e3779b9;

	act->out->len = act->from;
	for (uint32_t i = 0; i < item->number; i++) {
		char octet;

		value = value * 1664525 + 1013904223;
		octet = (char)(unsigned char)(value >> 24);
		buf_add_octet(act->out, octet == '\n' || octet == '\r' ?
		    '\0' : octet);
	}
	buf_add(act->out, SPAN("\r\n"));
}

static void
bare_lf(const struct faults_item *item, struct faults_act *act)
{
	char  *ptr = act->out->ptr;
	size_t to = act->from;

	(void)item;
	for (size_t at = act->from; at < act->out->len; at++)
		if (ptr[at] != '\r')
			ptr[to++] = ptr[at];
	act->out->len = to;
}

static void
hang_up(struct faults_act *act)
{
	act->pace->then = SERVICE_CLOSE;
	act->pace->abrupt = true;
}

static void
cut(const struct faults_item *item, struct faults_act *act)
{
	size_t len = act->out->len - act->from;
	size_t keep = item->number == 0 ? len / 2 : item->number;

	if (keep < len)
		act->out->len = act->from + keep;
	hang_up(act);
}

static void
skip(const struct faults_item *item, struct faults_act *act)
{
	(void)item;
	act->out->len = act->from;
}

static void
drop(const struct faults_item *item, struct faults_act *act)
{
	skip(item, act);
	hang_up(act);
}

static void
reset(const struct faults_item *item, struct faults_act *act)
{
	skip(item, act);
	act->pace->then = SERVICE_DROP;
}

static void
mute(const struct faults_item *item, struct faults_act *act)
{
	skip(item, act);
	act->state->muted = true;
	act->pace->then = SERVICE_GO_ON;
}

static void
fragment(const struct faults_item *item, struct faults_act *act)
{
	act->pace->piece = item->number;
	act->pace->pause_ms = FRAGMENT_PAUSE_MS;
}

static void
trickle(const struct faults_item *item, struct faults_act *act)
{
	act->pace->piece = 1;
	act->pace->pause_ms = item->number;
}

static void
delay(const struct faults_item *item, struct faults_act *act)
{
	act->pace->wait_ms += item->number;
}

const struct faults_row faults_rows[] = {
	{ .name = "garbage", .usage = "garbage[=N]", .apply = garbage,
	    .value = FAULTS_OCTETS, .number = GARBAGE_OCTETS, .tls = true,
	    .help = "N octets that are no reply, and a line end, in place of "
	    "the answer (32)" },
	{ .name = "hide", .usage = "hide=WORD", .apply = hide,
	    .value = FAULTS_TEXT, .needed = true,
	    .help = "the answer without the lines that begin with WORD, such "
	    "as STARTTLS in that to EHLO" },
	{ .name = "extra", .usage = "extra[=REPLY]", .apply = extra,
	    .value = FAULTS_TEXT, .text = "250 2.0.0 Nobody asked for this",
	    .help = "another reply right behind the answer" },
	{ .name = "bare-lf", .usage = "bare-lf", .apply = bare_lf,
	    .help = "lines end with LF and not with CRLF" },
	{ .name = "cut", .usage = "cut[=N]", .apply = cut,
	    .value = FAULTS_OCTETS, .tls = true,
	    .help = "half of the answer or its first N octets, then FIN" },
	{ .name = "skip", .usage = "skip", .apply = skip,
	    .help = "the answer never comes; the next ones do" },
	{ .name = "drop", .usage = "drop", .apply = drop, .tls = true,
	    .help = "FIN in place of the answer; the command was done" },
	{ .name = "reset", .usage = "reset", .apply = reset, .tls = true,
	    .help = "RST in place of the answer; the command was done" },
	{ .name = "mute", .usage = "mute", .apply = mute, .tls = true,
	    .help = "neither this answer nor any later one comes; the "
	    "connection stays open" },
	{ .name = "fragment", .usage = "fragment=N", .apply = fragment,
	    .value = FAULTS_OCTETS, .needed = true, .tls = true,
	    .help = "the answer in pieces of N octets, 2 ms apart" },
	{ .name = "trickle", .usage = "trickle=DURATION", .apply = trickle,
	    .value = FAULTS_MS, .needed = true, .tls = true,
	    .help = "the answer octet by octet, so long apart" },
	{ .name = "delay", .usage = "delay=DURATION", .apply = delay,
	    .value = FAULTS_MS, .needed = true, .tls = true,
	    .help = "the answer so much later" },
	{ .name = NULL },
};

const struct faults_row faults_code = {
	.name = "NNN", .usage = "NNN[=TEXT]", .value = FAULTS_TEXT,
	.help = "a reply with that code in place of the answer; the command is "
	"not done, and 421 closes the connection",
};

static int
rank(const struct faults_item *item)
{
	return item->row == &faults_code ? -1 :
	    (int)(item->row - faults_rows);
}

/* In the order of the rows; those of one row in the order of the options. */
static void
place_item(struct faults *faults, const struct faults_item *item)
{
	uint32_t at = faults->count++;

	for (; at > 0 && rank(&faults->items[at - 1]) > rank(item); at--)
		faults->items[at] = faults->items[at - 1];
	faults->items[at] = *item;
	faults->tls = faults->tls || item->place == FAULTS_TLS;
	if (item->place >= faults->places)
		faults->places = item->place + 1;
}

static struct faults_state *
state_new(const struct faults *faults)
{
	struct faults_state *state = mem_alloc(sizeof *state +
	    faults->places * sizeof state->seen[0]);

	state->faults = faults;
	return state;
}

struct faults *
faults_new(const char *const *specs, size_t count, struct fault *fault)
{
	struct faults *faults;

	if (count > LIMIT_SERVE_FAULTS) {
		(void)fault_set(fault, FAULT_USAGE, "%zu faults are more than "
		    "the limit of %d (LIMIT_SERVE_FAULTS)", count,
		    (int)LIMIT_SERVE_FAULTS);
		return NULL;
	}
	faults = mem_alloc(sizeof *faults);
	faults->items = mem_alloc((count + 1) * sizeof *faults->items);
	faults->places = FAULTS_COMMANDS;
	for (size_t i = 0; i < count; i++) {
		struct faults_item item;

		if (!faults_parse(specs[i], &item, fault)) {
			faults_free(faults);
			return NULL;
		}
		place_item(faults, &item);
	}
	faults->nobody = state_new(faults);
	return faults;
}

void
faults_free(struct faults *faults)
{
	if (faults == NULL)
		return;
	for (uint32_t i = 0; i < faults->count; i++)
		faults_item_free(&faults->items[i]);
	mem_free(faults->items);
	mem_free(faults->nobody);
	mem_free(faults);
}

struct faults_state *
faults_client(struct faults *faults)
{
	struct faults_state *state = state_new(faults);

	if (faults->clients < UINT32_MAX)
		faults->clients++;
	state->client = faults->clients;
	return state;
}

struct faults_state *
faults_nobody(struct faults *faults)
{
	struct faults_state *state = faults->nobody;

	memset(state->seen, 0, faults->places * sizeof state->seen[0]);
	state->client = faults->clients + 1;
	state->muted = false;
	return state;
}

static bool
inside(const struct faults_range *range, uint32_t number)
{
	return number >= range->first && number <= range->last;
}

static bool
applies(const struct faults_item *item, const struct faults_state *state)
{
	if (item->place == FAULTS_ANY ? state->place == FAULTS_TLS :
	    item->place != state->place)
		return false;
	return inside(&item->nth, state->seen[item->place]) &&
	    inside(&item->client, state->client);
}

const char *
faults_begin(struct faults_state *state, uint32_t place)
{
	const struct faults *faults = state->faults;

	state->place = place;
	state->answer = NULL;
	/* No option names what is beyond `places`. */
	if (place < faults->places)
		state->seen[place]++;
	if (place != FAULTS_TLS)
		state->seen[FAULTS_ANY]++;
	for (uint32_t i = 0; i < faults->count &&
	    faults->items[i].row == &faults_code; i++)
		if (state->answer == NULL && applies(&faults->items[i], state))
			state->answer = &faults->items[i];
	return state->answer == NULL ? NULL : state->answer->text;
}

enum service_next
faults_spoil(struct faults_state *state, struct buf *out, size_t from,
    size_t unread, enum service_next next, struct service_pace *pace)
{
	struct faults_act act = { .state = state, .pace = pace, .out = out,
		.from = from };
	bool any = state->answer != NULL && state->answer->number == 421;

	*pace = (struct service_pace){ .unread = unread,
		.then = any ? SERVICE_CLOSE : next };
	for (uint32_t i = 0; i < state->faults->count; i++) {
		const struct faults_item *item = &state->faults->items[i];

		if (item->row->apply == NULL || !applies(item, state))
			continue;
		item->row->apply(item, &act);
		any = true;
	}
	pace->held = out->len - from;
	return any ? SERVICE_PACE : next;
}
