/* Words that several reporters share: times, sums, listings, transcripts. */
#ifndef QUOTH_REPORT_LINES_H
#define QUOTH_REPORT_LINES_H

#include "model/report.h"

/* "0.4 ms", "41 ms", "1.25 s", "2 min 05 s". */
void lines_time(uint64_t us, struct buf *out);

/* Plain decimal seconds: "0.041000". */
void lines_seconds(uint64_t us, struct buf *out);

/* "2026-11-21T22:44:58" (UTC), with ".123456Z" behind when `exact`. */
void lines_stamp(uint64_t unix_us, bool exact, struct buf *out);

/* "12 passed, 1 failed, 2 skipped in 0.41 s". */
void lines_summary(const struct totals *totals, struct buf *out);

/* What counts as trouble: FAIL, ERROR. */
bool lines_bad(uint8_t result);

/* The word in front of a line: "ok", "FAIL", "ERROR", "warn", "skip", "-". */
const char *lines_verdict(uint8_t result);

/* What a step's reply column says: its first line, "not run", or why. */
struct span lines_reply(const struct step_record *step);

/* The step that decides what is said of a scenario: the first bad one of its
 * last attempt; NULL: none. */
const struct step_record *lines_culprit(const struct scenario_record *record);

/* One line, at most, of why a scenario is not green: raw, not escaped. */
struct span lines_why(const struct scenario_record *record);

/* "C: EHLO x\r\n" of each line of a step's wires, plain text, each with
 * `indent` blanks before and a LF behind. */
void lines_transcript(const struct step_record *step, size_t indent,
    struct buf *out);

/* The next thing that a script said, from that one on, or with `notes` that
 * quoth has to say itself: which hosts were tried; NULL: nothing. */
const struct wire_record *lines_said(const struct wire_record *wire,
    bool notes);

/* The steps with their verdicts, then the transcript: plain text. */
void lines_listing(const struct run_record *run,
    const struct scenario_record *record, struct buf *out);

enum { LABEL_MAX = 64 * 1024 };

/* What was done, with the connection's name unless it is `main`: "second:
 * EHLO x". Raw: the caller escapes it. */
void lines_label(const struct step_record *step, struct buf *out);

#endif
