/* What tests of workers share: a nursery, and words over its pipes. */
#ifndef TESTS_UNIT_TALK_H
#define TESTS_UNIT_TALK_H

#include "script/jail/nursery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { TALK_MAX = 4096 };

/* As most tests want it: 64 MiB, 30 s. */
struct nursery *nursery_make(worker_main *main);
struct worker_process worker_make(struct nursery *nursery);

/* Sends the words, not waiting for an answer. */
void tell(const struct worker_process *process, const char *words);
/* Up to the end of the pipe, at most 20 s. */
const char *hear_all(const struct worker_process *process);
/* One read, at most 20 s; "" at the end. */
const char *hear(const struct worker_process *process);
/* Ends it and compares the reason. */
void assert_end(struct worker_process *process, bool kill, const char *why);

/* In the worker: one read, as a string; "" at the end. */
const char *worker_hear(int in);
void worker_tell(int out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
