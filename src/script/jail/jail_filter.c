/*
 * The system calls that a worker may make, as a seccomp filter. Everything
 * that is not in the table kills the process, and so does a call by the
 * numbers of another architecture (i386 and x32 on x86-64).
 *
 * The list is what glibc's malloc, its clocks and our pipes need, and no more.
 * Nothing can be mapped executable, and reads and writes are for the two pipes
 * only. A sanitizer reads its own maps, locks, and writes to stderr: the table
 * is longer there, and jail_state() says so.
 */
#include "script/jail/jail_own.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __x86_64__ && !defined __ILP32__
#define ARCH_HERE AUDIT_ARCH_X86_64
#elif defined __aarch64__ && defined __AARCH64EL__
#define ARCH_HERE AUDIT_ARCH_AARCH64
#else
#define ARCH_HERE 0
#endif

enum rule {
	RULE_ALLOW,
	RULE_FD,                /* argument 0 is exactly `value` */
	RULE_WITHOUT,           /* argument `at` has no bit of `value` */
	RULE_ENOSYS             /* fails, and who called goes on without */
};

struct row {
	uint32_t  call;
	enum rule rule;
	uint32_t  at, value;
};

static const struct row rows[] = {
	{ SYS_write, RULE_FD, 0, JAIL_OUT },
	{ SYS_read, RULE_FD, 0, JAIL_IN },
	/* malloc; RLIMIT_AS bounds all of it. */
	{ SYS_brk, RULE_ALLOW, 0, 0 },
	{ SYS_mmap, RULE_WITHOUT, 2, PROT_EXEC },
	{ SYS_munmap, RULE_ALLOW, 0, 0 },
	{ SYS_mremap, RULE_ALLOW, 0, 0 },
	/* The vDSO answers most of them; the clocks of CPU time it does not. */
	{ SYS_clock_gettime, RULE_ALLOW, 0, 0 },
	{ SYS_rt_sigreturn, RULE_ALLOW, 0, 0 },
	{ SYS_exit_group, RULE_ALLOW, 0, 0 },
	{ SYS_exit, RULE_ALLOW, 0, 0 },
#if JAIL_SANITIZED
	{ SYS_write, RULE_FD, 0, STDERR_FILENO },
	{ SYS_madvise, RULE_ALLOW, 0, 0 },
	{ SYS_mprotect, RULE_WITHOUT, 2, PROT_EXEC },
	{ SYS_futex, RULE_ALLOW, 0, 0 },
	{ SYS_sched_yield, RULE_ALLOW, 0, 0 },
	{ SYS_getpid, RULE_ALLOW, 0, 0 },
	{ SYS_gettid, RULE_ALLOW, 0, 0 },
	{ SYS_sigaltstack, RULE_ALLOW, 0, 0 },
	{ SYS_rt_sigaction, RULE_ALLOW, 0, 0 },
	{ SYS_rt_sigprocmask, RULE_ALLOW, 0, 0 },
#else
	/* Of malloc only where the user asked it for huge pages
	 * (GLIBC_TUNABLES), who then gets none. */
	{ SYS_madvise, RULE_ENOSYS, 0, 0 },
#endif
};

enum { ROWS = sizeof rows / sizeof *rows, PROGRAM_MAX = 5 + 5 * ROWS };

struct program {
	struct sock_filter code[PROGRAM_MAX];
	uint16_t           count;
};

static void
put(struct program *to, uint32_t code, uint32_t k, uint32_t yes, uint32_t no)
{
	to->code[to->count++] = (struct sock_filter){ (uint16_t)code,
	    (uint8_t)yes, (uint8_t)no, k };
}

static void
put_load(struct program *to, size_t offset)
{
	put(to, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void
put_return(struct program *to, uint32_t value)
{
	put(to, BPF_RET | BPF_K, value, 0, 0);
}

/* The lower half of an argument: both kinds of processor are little-endian,
 * and neither int fd nor prot has an upper half that counts. */
static size_t
argument(uint32_t at)
{
	return offsetof(struct seccomp_data, args) + 8 * at;
}

/* What follows finds the number of the call loaded, as it was before. */
static void
put_row(struct program *to, const struct row *row)
{
	const uint32_t equal = BPF_JMP | BPF_JEQ | BPF_K;

	switch (row->rule) {
	case RULE_ALLOW:
		put(to, equal, row->call, 0, 1);
		put_return(to, SECCOMP_RET_ALLOW);
		return;
	case RULE_ENOSYS:
		put(to, equal, row->call, 0, 1);
		put_return(to, SECCOMP_RET_ERRNO | ENOSYS);
		return;
	case RULE_FD:
	case RULE_WITHOUT:
		break;
	}
	put(to, equal, row->call, 0, 4);
	put_load(to, argument(row->at));
	if (row->rule == RULE_FD)
		put(to, equal, row->value, 0, 1);
	else
		put(to, BPF_JMP | BPF_JSET | BPF_K, row->value, 1, 0);
	put_return(to, SECCOMP_RET_ALLOW);
	put_load(to, offsetof(struct seccomp_data, nr));
}

/* A kernel before 4.14 takes the unknown KILL_PROCESS for KILL: the worker
 * has one thread. */
static void
program_make(struct program *to)
{
	size_t a;

	to->count = 0;
	put_load(to, offsetof(struct seccomp_data, arch));
	put(to, BPF_JMP | BPF_JEQ | BPF_K, ARCH_HERE, 1, 0);
	put_return(to, SECCOMP_RET_KILL_PROCESS);
	put_load(to, offsetof(struct seccomp_data, nr));
	for (a = 0; a < ROWS; a++)
		put_row(to, &rows[a]);
	put_return(to, SECCOMP_RET_KILL_PROCESS);
}

/* With seccomp a filter at no address is EFAULT; without, ENOSYS or EINVAL
 * (seccomp(2)). */
bool
filter_exists(void)
{
	if (ARCH_HERE == 0)
		return false;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL) == 0)
		return true;    /* it cannot */
	return errno != ENOSYS && errno != EINVAL;
}

/* SPEC_ALLOW: no mitigation against speculative stores, which made all code of
 * a filtered process slower before Linux 5.16. It guards secrets in the same
 * memory, and a worker has none. */
bool
filter_enter(struct fault *fault)
{
	struct program    program;
	struct sock_fprog given;

	program_make(&program);
	given = (struct sock_fprog){ program.count, program.code };
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_SPEC_ALLOW, &given) == 0)
		return true;
	if (errno == EINVAL && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0,
	    &given) == 0)
		return true;
	return fault_set(fault, FAULT_INTERNAL, "the sandbox of Lua files "
	    "cannot forbid system calls: %s", strerror(errno));
}
