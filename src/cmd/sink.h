/*
 * Where reports go. A document is written whole to FILE.tmp-PID, synced and
 * renamed over FILE: at the start with every scenario as "not run", again
 * when something changed (at least a second apart, more when that is
 * expensive), and at the end. A journal is appended to. What cannot be
 * written is told once, at once, and remembered; the other reports go on.
 */
#ifndef QUOTH_CMD_SINK_H
#define QUOTH_CMD_SINK_H

#include "base/fault.h"
#include "run/bus.h"

struct progress;
struct sinks;

/* `tell` gets one sentence without a line end, for stderr; untrusted text in
 * it is escaped already. */
struct sinks *sinks_new(void (*tell)(const char *sentence));
void sinks_free(struct sinks *sinks);

/* "NAME=FILE", FILE "-" for stdout. False: FAULT_USAGE, with a hint. */
bool sinks_add(struct sinks *sinks, const char *spec, struct fault *fault);

/* Results on stdout. `progress` (or NULL) is erased before anything is written
 * to the terminal. False when a --report took stdout already. */
bool sinks_stdout(struct sinks *sinks, const struct reporter *reporter,
    struct progress *progress, struct fault *fault);
bool sinks_have_stdout(const struct sinks *sinks);
/* Where stderr has told everything already, stdout keeps reports for machines
 * only. */
void sinks_quiet(struct sinks *sinks);

/* Before anything else can go wrong: every path is looked at, and what an
 * earlier run left there is removed. */
void sinks_prepare(struct sinks *sinks);

/* All of them become reporters of the bus, and are on disk once. */
void sinks_open(struct sinks *sinks, struct run_bus *bus, uint64_t now_us);

/* Often: writes when it is time to. `now_us` is monotonic. */
void sinks_tick(struct sinks *sinks, uint64_t now_us);

/* After run_bus_finish(): the last snapshots. False when any report could not
 * be written, now or before (exit code 4). */
bool sinks_finish(struct sinks *sinks, uint64_t now_us);

#endif
