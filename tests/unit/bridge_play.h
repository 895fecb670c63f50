/*
 * Plays the parent for one bridge, in this process: loads a script, starts a
 * run of its first function and answers by a list of words, one a turn. All
 * frames that come back are written down, a line each.
 *
 *   "250 OK"       the next step that has no outcome yet passed with that
 *                  reply; lines of a reply are cut at "|"
 *   "-"            it passed, without a reply
 *   "+250 OK"      it is not over yet (a pipeline, expect_each)
 *   "!550 no"      it failed, and STOP follows
 *   "?550 no"      it failed, and the dialogue goes on
 *   "~450 later"   it does not hold yet (eventually)
 *   "=x 5"         it passed and set x
 *   "STOP" "DROP" "START"
 *   "MODULE text"  answers a require; "NOMODULE why"
 * Several stand in one with ";" between them: they come in one read.
 */
#ifndef QUOTH_TESTS_BRIDGE_PLAY_H
#define QUOTH_TESTS_BRIDGE_PLAY_H

#include "script/bridge/bridge.h"

enum { PLAY_ANSWERS = 48 };

struct bridge_case {
	const char *name, *source;
	const char *answers[PLAY_ANSWERS];
	const char *want;
};

/* Runs and compares all. */
void bridge_play_all(const struct bridge_case *tests, size_t count);
/* The same, giving what was written down; until the next call. */
const char *bridge_say(const char *source, const char *const *answers);

#endif
