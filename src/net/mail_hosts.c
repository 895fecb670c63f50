/* The mail hosts of a domain, for whoever wants a list of them. */
#include "net/mx.h"

#include <stddef.h>

enum { NOTE_MORE = 512 };

struct listing {
	struct mx_wait          wait;
	struct loop            *loop;
	const struct mx_answer *answer;         /* pinned; or NULL */
	bool                    over;
};

static void
listed(struct mx_wait *wait, const struct mx_answer *answer)
{
	struct listing *listing = (struct listing *)((char *)wait -
	    offsetof(struct listing, wait));

	listing->answer = answer->count > 0 ? answer : NULL;
	listing->over = true;
	loop_stop(listing->loop);
}

static void
nothing(void *who)
{
	(void)who;
}

/* A host is dialled as a name of its own, with the same name servers, and each
 * connect says what is known of it. */
static struct endpoint
endpoint_of(const struct endpoint *to, const struct mx_answer *answer,
    const struct mx_host *host, struct arena *arena)
{
	struct endpoint one = *to;
	struct buf      notes = buf_new(answer->notes.len + NOTE_MORE);

	(void)buf_add(&notes, buf_span(&answer->notes));
	mx_note_tlsa(host, &notes);
	one.host = arena_cstr(arena, span_of(host->name));
	one.notes = arena_cstr(arena, buf_span(&notes));
	buf_free(&notes);
	one.mx = false;
	one.mail_host = !answer->implicit;
	if (one.resolver == NULL)
		one.resolver = "";
	return one;
}

uint32_t
loop_mail_hosts(struct loop *loop, const struct endpoint *to,
    struct arena *arena, const struct endpoint **hosts)
{
	struct listing   listing = { .wait = { .call = listed }, .loop = loop,
		.answer = mx_known(loop, to) };
	struct stage    *stage = loop_stage(loop);
	struct endpoint *list;

	if (listing.answer == NULL) {
		loop_tick(loop);
		mx_ask(loop, to, &listing.wait);
		/* Something that keeps the loop running. */
		stage->after(stage, LIMIT_DNS_MS + 2000, nothing, NULL);
		while (!listing.over && !loop_signalled() &&
		    loop_counts(loop).timers > 0)
			loop_run(loop);
		mx_forget(&listing.wait);
	}
	if (listing.answer == NULL)
		return 0;
	list = arena_alloc(arena, listing.answer->count * sizeof *list);
	for (uint32_t i = 0; i < listing.answer->count; i++)
		list[i] = endpoint_of(to, listing.answer,
		    &listing.answer->hosts[i], arena);
	*hosts = list;
	return listing.answer->count;
}
