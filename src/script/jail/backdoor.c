/*
 * The calls behind backdoor_try(), one row each; straight to the kernel, so
 * that libc cannot make another one first. Where nothing stops them, they do
 * no harm but to the process that makes them.
 */
#include "script/jail/backdoor.h"

#include "script/jail/jail_own.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096 };

static const char path[] = "/etc/passwd";

/* A child must not run on as if it were the worker. */
static void
end_child(long pid)
{
	if (pid == 0)
		(void)syscall(SYS_exit_group, 0);
}

#define CALL(name, ...) \
	static void \
	try_##name(void) \
	{ \
		(void)syscall(__VA_ARGS__); \
	}

#ifdef SYS_open
CALL(open, SYS_open, path, O_RDONLY)
CALL(creat, SYS_creat, "/tmp/quoth-backdoor", 0600)
CALL(unlink, SYS_unlink, "/tmp/quoth-backdoor")
CALL(stat, SYS_stat, path, NULL)
CALL(access, SYS_access, path, R_OK)
CALL(poll, SYS_poll, NULL, 0, 0)
CALL(pipe, SYS_pipe, NULL)
CALL(dup2, SYS_dup2, 3, 5)
CALL(time, SYS_time, NULL)
CALL(arch_prctl, SYS_arch_prctl, 0x1003, NULL)

static void
try_fork(void)
{
	end_child(syscall(SYS_fork));
}
#endif
CALL(openat, SYS_openat, AT_FDCWD, path, O_RDONLY)
CALL(openat2, SYS_openat2, AT_FDCWD, path, NULL, 0)
CALL(readlinkat, SYS_readlinkat, AT_FDCWD, "/proc/self/exe", NULL, 0)
CALL(unlinkat, SYS_unlinkat, AT_FDCWD, "/tmp/quoth-backdoor", 0)
CALL(getdents, SYS_getdents64, 3, NULL, 0)
CALL(chdir, SYS_chdir, "/")
CALL(socket, SYS_socket, AF_INET, SOCK_STREAM, 0)
CALL(socketpair, SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, NULL)
CALL(connect, SYS_connect, 3, NULL, 0)
CALL(sendmsg, SYS_sendmsg, 4, NULL, 0)
CALL(sendto, SYS_sendto, 4, "x", 1, 0, NULL, 0)
CALL(recvmsg, SYS_recvmsg, 3, NULL, 0)
CALL(execveat, SYS_execveat, AT_FDCWD, "", NULL, NULL, 0)
CALL(clone3, SYS_clone3, NULL, 0)
CALL(unshare, SYS_unshare, CLONE_NEWUSER)
CALL(setns, SYS_setns, 3, 0)
CALL(kill, SYS_kill, 1, 0)
CALL(tgkill, SYS_tgkill, 1, 1, 0)
CALL(ptrace, SYS_ptrace, PTRACE_TRACEME, 0, NULL, NULL)
CALL(process_vm_readv, SYS_process_vm_readv, 1, NULL, 0, NULL, 0, 0)
CALL(pidfd_open, SYS_pidfd_open, 1, 0)
CALL(prctl, SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0)
CALL(seccomp, SYS_seccomp, 0, 0, NULL)
CALL(setrlimit, SYS_prlimit64, 0, RLIMIT_AS, NULL, NULL)
CALL(setuid, SYS_setuid, 0)
CALL(chroot, SYS_chroot, "/")
CALL(mount, SYS_mount, NULL, NULL, NULL, 0, NULL)
CALL(bpf, SYS_bpf, 0, NULL, 0)
CALL(io_uring_setup, SYS_io_uring_setup, 1, NULL)
CALL(memfd_create, SYS_memfd_create, "x", 0)
CALL(userfaultfd, SYS_userfaultfd, 0)
CALL(perf_event_open, SYS_perf_event_open, NULL, 0, 0, 0, 0)
CALL(keyctl, SYS_keyctl, 0, 0, 0, 0, 0)
CALL(ioctl, SYS_ioctl, 3, 0, NULL)
CALL(fcntl, SYS_fcntl, 3, F_GETFL)
CALL(dup, SYS_dup, 3)
CALL(close, SYS_close, 3)
CALL(lseek, SYS_lseek, 3, 0, 0)
CALL(pread, SYS_pread64, 3, NULL, 0, 0)
CALL(writev, SYS_writev, 4, NULL, 0)
CALL(splice, SYS_splice, 3, NULL, 4, NULL, 0, 0)
CALL(uname, SYS_uname, NULL)
CALL(getppid, SYS_getppid)
CALL(getrandom, SYS_getrandom, NULL, 0, 0)
CALL(clock_settime, SYS_clock_settime, CLOCK_REALTIME, NULL)
CALL(nosuch, 100000)
CALL(read_other, SYS_read, JAIL_OUT, NULL, 0)
CALL(read_standard, SYS_read, STDIN_FILENO, NULL, 0)
CALL(write_other, SYS_write, JAIL_IN, NULL, 0)
CALL(write_standard, SYS_write, STDOUT_FILENO, NULL, 0)
CALL(write_error, SYS_write, STDERR_FILENO, NULL, 0)
CALL(mmap_code, SYS_mmap, NULL, PAGE, PROT_READ | PROT_EXEC,
    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
CALL(mprotect_code, SYS_mprotect, NULL, 0, PROT_READ | PROT_EXEC)
CALL(mprotect, SYS_mprotect, NULL, 0, PROT_READ)
CALL(getpid, SYS_getpid)
CALL(futex, SYS_futex, NULL, -1, 0, NULL, NULL, 0)
CALL(sigaction, SYS_rt_sigaction, SIGSEGV, NULL, NULL, 8)

static void
try_execve(void)
{
	static char *arguments[] = { (char *)(intptr_t)"true", NULL };

	(void)syscall(SYS_execve, "/bin/true", arguments, arguments + 1);
}

static void
try_clone(void)
{
	end_child(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

#ifdef __x86_64__
/* getpid by the numbers of i386, and of x32. */
static void
try_i386(void)
{
	long number = 20;

	__asm__ volatile ("int $0x80" : "+a" (number) : : "memory", "r8",
	    "r9", "r10", "r11");
}

CALL(x32, 0x40000000 | 39)
#endif

#define ROW(name) { #name, false, try_##name }
#define TAME(name) { #name, true, try_##name }

const struct backdoor backdoor_rows[] = {
#ifdef SYS_open
	ROW(open), ROW(creat), ROW(unlink), ROW(stat), ROW(access), ROW(poll),
	ROW(pipe), ROW(dup2), ROW(time), ROW(arch_prctl), ROW(fork),
#endif
#ifdef __x86_64__
	ROW(i386), ROW(x32),
#endif
	ROW(openat), ROW(openat2), ROW(readlinkat), ROW(unlinkat),
	ROW(getdents), ROW(chdir), ROW(socket), ROW(socketpair), ROW(connect),
	ROW(sendmsg), ROW(sendto), ROW(recvmsg), ROW(execve), ROW(execveat),
	ROW(clone), ROW(clone3), ROW(unshare), ROW(setns), ROW(kill),
	ROW(tgkill), ROW(ptrace), ROW(process_vm_readv), ROW(pidfd_open),
	ROW(prctl), ROW(seccomp), ROW(setrlimit), ROW(setuid), ROW(chroot),
	ROW(mount), ROW(bpf), ROW(io_uring_setup), ROW(memfd_create),
	ROW(userfaultfd), ROW(perf_event_open), ROW(keyctl), ROW(ioctl),
	ROW(fcntl), ROW(dup), ROW(close), ROW(lseek), ROW(pread), ROW(writev),
	ROW(splice), ROW(uname), ROW(getppid), ROW(getrandom),
	ROW(clock_settime), ROW(nosuch), ROW(read_other), ROW(read_standard),
	ROW(write_other), ROW(write_standard), ROW(mmap_code),
	ROW(mprotect_code), TAME(write_error), TAME(mprotect), TAME(getpid),
	TAME(futex), TAME(sigaction),
	{ NULL, false, NULL }
};

void
backdoor_try(const char *what)
{
	size_t a;

	for (a = 0; backdoor_rows[a].name != NULL; a++)
		if (strcmp(backdoor_rows[a].name, what) == 0)
			backdoor_rows[a].call();
}
