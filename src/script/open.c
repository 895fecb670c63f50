/* The beginning of a run: its place among the worker's runs, and what its
 * function is told of the scenario. */
#include "script/run.h"

#include "base/mem.h"

enum { RUNS_MAX = 0xffff, RUN_AHEAD = MESSAGE_MAX + 64 * KIB, RUNS_FIRST = 16 };

static bool
slot_find(struct script *script, uint32_t *slot)
{
	uint32_t room = script->run_room;

	if (script->run_count < room) {
		*slot = script->slot_next;
		while (script->runs[*slot % room] != NULL)
			++*slot;
		*slot %= room;
		script->slot_next = *slot + 1;
		return true;
	}
	if (room == RUNS_MAX)
		return false;
	*slot = room;
	room = room == 0 ? RUNS_FIRST : room * 2 > RUNS_MAX ? RUNS_MAX :
	    room * 2;
	script->runs = mem_resize(script->runs, room * sizeof *script->runs);
	memset(script->runs + *slot, 0,
	    (room - *slot) * sizeof *script->runs);
	script->run_room = room;
	return true;
}

/* ---- START ------------------------------------------------------------------ */

struct values {
	struct buf *maps;               /* of all scripts, one a kind */
	uint32_t    counts[SCRIPT_VAR + 1];
};

static void
type_put(struct buf *out, enum value_type type)
{
	(void)buf_add_octet(out, (char)type);
}

static void
list_put(struct buf *out, const struct node *list)
{
	uint32_t count = 0;

	for (const struct node *n = list->first; n != NULL; n = n->next)
		count++;
	type_put(out, list->kind == NODE_MAP ? VALUE_MAP : VALUE_LIST);
	put_number(out, count);
	for (const struct node *n = list->first; n != NULL; n = n->next) {
		if (list->kind == NODE_MAP)
			put_bytes(out, n->key);
		if (n->kind != NODE_SCALAR) {
			list_put(out, n);
			continue;
		}
		type_put(out, VALUE_TEXT);
		put_bytes(out, n->text);
	}
}

static void
value_put(void *who, const struct script_value *value)
{
	struct values *values = who;
	struct buf    *out = &values->maps[value->kind];

	values->counts[value->kind]++;
	put_bytes(out, value->name);
	switch (value->type) {
	case SCRIPT_LIST:
		list_put(out, value->list);
		return;
	case SCRIPT_BOOL:
		type_put(out, VALUE_BOOL);
		(void)buf_add_octet(out, span_is(value->text, "true"));
		return;
	case SCRIPT_NUMBER:
		type_put(out, VALUE_NUMBER);
		put_bytes(out, value->text);
		return;
	case SCRIPT_SECRET:
		type_put(out, VALUE_PARTS);
		put_number(out, 1);
		(void)buf_add_octet(out, PARTS_SECRET);
		put_bytes(out, value->name);
		return;
	case SCRIPT_TEXT:
		type_put(out, VALUE_TEXT);
		put_bytes(out, value->text);
		return;
	}
}

static void
values_put(struct run *run, struct buf *out)
{
	struct values values = { .maps = run->script->all->values };

	for (int i = 0; i <= SCRIPT_VAR; i++)
		buf_clear(&values.maps[i]);
	run->shop->values(run->shop, run->vars, value_put, &values);
	for (int i = 0; i <= SCRIPT_VAR; i++) {
		type_put(out, VALUE_MAP);
		put_number(out, values.counts[i]);
		(void)buf_add(out, buf_span(&values.maps[i]));
		out->full |= values.maps[i].full;
	}
}

/* The seed of the run and the scenario's id alone decide t:random(). */
static uint64_t
seed_of(const struct workshop *shop)
{
	return span_hash(shop->scenario->id) ^
	    (shop->seed * UINT64_C(0x9e3779b97f4a7c15));
}

static void
start_put(struct run *run)
{
	struct script *script = run->script;
	struct buf    *out = &script->out;
	struct span    text;
	uint64_t       attempt = 1;
	size_t         mark = frame_begin(out, FRAME_START, run->id);

	if (vars_get(run->vars, SLOT_ATTEMPT, &text))
		(void)span_u64(text, &attempt);
	put_number(out, run->function);
	put_number(out, attempt);
	put_number(out, seed_of(run->shop));
	script->all->salt += UINT64_C(0x9e3779b97f4a7c15);
	put_number(out, script->all->salt);
	values_put(run, out);
	frame_end(out, mark);
}

bool
run_open(struct script *script, uint32_t function, struct workshop *shop,
    struct vars *vars, struct source **source, struct fault *fault)
{
	struct run *run;
	uint32_t    slot;

	if (script->all->stage == NULL)
		return fault_set(fault, FAULT_SCRIPT,
		    "its steps are known when it runs");
	if (!host_start(script, fault))
		return false;
	if (!slot_find(script, &slot))
		return fault_set(fault, FAULT_LIMIT, "more than %d runs of "
		    "one script at a time", RUNS_MAX);
	run = mem_alloc(sizeof *run);
	run_source(run);
	run->script = script;
	run->shop = shop;
	run->vars = vars;
	run->function = function;
	run->in = script->spare.cap > 0 ? script->spare :
	    buf_new(RUN_AHEAD);
	script->spare = buf_new(0);
	run->parts = (struct run_parts){ { parts_make }, run };
	script->generation = script->generation % 0x7fff + 1;
	run->id = script->generation << 16 | slot;
	script->runs[slot] = run;
	script->run_count++;
	start_put(run);
	if (script->out.full) {
		run->source.close(&run->source);
		return fault_set(fault, FAULT_LIMIT, "what the script is told "
		    "is longer than %d MiB", MESSAGE_MAX / MIB);
	}
	*source = &run->source;
	return true;
}

/* Nothing of it was seen yet: the worker that was lost may have been another
 * run's doing. */
bool
run_begin_again(struct run *run, uint32_t culprit)
{
	if (run->id == culprit || run->number > 0 || run->stopped ||
	    run->ended || run->inner != NULL)
		return false;
	run_forget(run);
	start_put(run);
	return true;
}
