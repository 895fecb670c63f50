/*
 * Steps as frames. A step is a map in the order of its keys' octets, so its
 * few entries are sorted as they are added.
 */
#include "script/bridge/bridge_own.h"

static int
key_order(struct span a, struct span b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int    order = len == 0 ? 0 : memcmp(a.ptr, b.ptr, len);

	if (order == 0)
		order = a.len < b.len ? -1 : a.len > b.len;
	return order;
}

static bool
form_insert(struct form *form, struct span key, struct span value,
    struct place place)
{
	uint32_t at = form->count;
	int      order;

	while (at > 0) {
		order = key_order(form->list[at - 1].key, key);
		if (order == 0)
			return false;
		if (order < 0)
			break;
		at--;
	}
	memmove(&form->list[at + 1], &form->list[at],
	    (form->count - at) * sizeof *form->list);
	form->list[at].key = key;
	form->list[at].value = value;
	form->list[at].place = place;
	form->count++;
	return true;
}

bool
form_add(struct form *form, const char *key, struct span value,
    struct place place)
{
	return form_insert(form, span_of(key), value, place);
}

const char *
form_modifiers(struct form *form, const struct buf *bytes,
    const struct modifiers *modifiers, char room[32])
{
	for (uint32_t i = 0; i < modifiers->count; i++) {
		const struct modifier *one = &modifiers->list[i];
		struct span key = span_sub(buf_span(bytes), one->key.at,
		    one->key.len);

		if (form_insert(form, key, span_sub(buf_span(bytes),
		    one->value.at, one->value.len), (struct place){ 0, 0 }))
			continue;
		memset(room, 0, 32);
		memcpy(room, key.ptr, key.len < 31 ? key.len : 31);
		return room;
	}
	return NULL;
}

static void
put_place(struct buf *out, struct place place)
{
	(void)buf_add_octet(out, VALUE_AT);
	put_number(out, place.file);
	put_number(out, place.line);
}

void
form_put(const struct form *form, struct buf *out)
{
	if (form->place.line > 0)
		put_place(out, form->place);
	(void)buf_add_octet(out, VALUE_MAP);
	put_number(out, form->count);
	for (uint32_t i = 0; i < form->count; i++) {
		struct place place = form->list[i].place;

		put_bytes(out, form->list[i].key);
		if (place.line > 0 && (place.line != form->place.line ||
		    place.file != form->place.file))
			put_place(out, place);
		(void)buf_add(out, form->list[i].value);
	}
}

/* The pause stands before the first step of a round but the first. */
static uint32_t
pause_take(struct run *run)
{
	bool first = run->polling && run->round > 1 &&
	    run->steps_round != run->round;

	if (run->polling)
		run->steps_round = run->round;
	return first ? run->every_ms : 0;
}

/* A frame's beginning; the step follows. */
static size_t
step_begin(struct bridge *b, struct run *run, enum frame_kind kind,
    uint32_t flags)
{
	size_t mark = frame_begin(&b->out, kind, run->id);

	put_number(&b->out, run->sent + 1);
	put_number(&b->out, flags | (run->polling ? STEP_POLL : 0u));
	put_number(&b->out, run->polling ? run->round : 0);
	put_number(&b->out, pause_take(run));
	return mark;
}

static uint32_t
step_end(lua_State *L, struct bridge *b, struct run *run, size_t mark,
    uint32_t flags, bool go_on)
{
	uint32_t seq = run->sent + 1, slot;

	bridge_sent(b, mark);
	if (b->out.full) {
		b->out.full = false;
		(void)bridge_raise(L, "the step is too long: at most 16 MiB");
	}
	if (run->sent == run->done)
		run->base = run->sent;
	slot = ring_slot(run, seq);
	run->sent = seq;
	run->go_on &= ~(UINT64_C(1) << slot);
	run->checks &= ~(UINT64_C(1) << slot);
	run->go_on |= (uint64_t)(go_on || run->stop_goes_on) << slot;
	run->checks |= (uint64_t)((flags & STEP_CHECK) != 0) << slot;
	return seq;
}

uint32_t
form_send(lua_State *L, struct bridge *b, struct run *run,
    const struct form *form, enum frame_kind kind, uint32_t flags,
    bool go_on)
{
	size_t mark = step_begin(b, run, kind, flags), at;

	at = b->out.len;
	form_put(form, &b->out);
	if (form->asked != NULL && !b->out.full)
		memo_keep(form->asked, &run->act, span_from(buf_span(&b->out),
		    at));
	return step_end(L, b, run, mark, flags, go_on);
}

uint32_t
form_send_again(lua_State *L, struct bridge *b, struct run *run,
    struct span encoded, uint32_t flags)
{
	size_t mark = step_begin(b, run, FRAME_STEP, flags);

	(void)buf_add(&b->out, encoded);
	return step_end(L, b, run, mark, flags, false);
}
