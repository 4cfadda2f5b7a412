/// Processes: clone3, pidfds, waiting, executing.
#pragma once
#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

// What <spawn.h> has only with _GNU_SOURCE.
#ifndef POSIX_SPAWN_SETSID
#define POSIX_SPAWN_SETSID 0x80
extern int posix_spawn_file_actions_addchdir_np(
    posix_spawn_file_actions_t *__restrict actions, const char *__restrict path);
extern int posix_spawn_file_actions_addclosefrom_np(
    posix_spawn_file_actions_t *__restrict actions, int first);
#endif

/// clone3(2) without CLONE_VM: the child returns 0 on a copy of the caller's stack.
static inline pid_t berth_clone3(struct clone_args *arguments) {
    return (pid_t)syscall(SYS_clone3, arguments, sizeof *arguments);
}

static inline int berth_pidfd_open(pid_t pid, unsigned int flags) {
    return (int)syscall(SYS_pidfd_open, pid, flags);
}

static inline int berth_pidfd_send_signal(int pidfd, int number) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, number, (void *)0, 0);
}

/// To the process group whose leader it is (`PIDFD_SIGNAL_PROCESS_GROUP` is 4); EINVAL before
/// Linux 6.9.
static inline int berth_pidfd_signal_group(int pidfd, int number) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, number, (void *)0, 4);
}

/// waitid(2) on a pidfd (`P_PIDFD` is 3).
static inline int berth_waitid_pidfd(int pidfd, siginfo_t *result, int options) {
    return (int)syscall(SYS_waitid, 3, pidfd, result, options, (void *)0);
}

/// Members of `siginfo_t` that C hides behind macros.
static inline pid_t berth_siginfo_pid(const siginfo_t *info) { return info->si_pid; }
static inline int berth_siginfo_code(const siginfo_t *info) { return info->si_code; }
static inline int berth_siginfo_status(const siginfo_t *info) { return info->si_status; }

/// sched_setaffinity(2) of the caller, for a mask of `size` bytes.
static inline int berth_sched_setaffinity(size_t size, const void *mask) {
    return (int)syscall(SYS_sched_setaffinity, 0, size, mask);
}

/// sched_setscheduler(2) of the caller with priority 0.
static inline int berth_sched_setscheduler(int policy) {
    int priority = 0;
    return (int)syscall(SYS_sched_setscheduler, 0, policy, &priority);
}

/// ioprio_set(2) of the caller (`IOPRIO_WHO_PROCESS` is 1); 0 follows the nice value.
static inline int berth_ioprio_set(int priority) {
    return (int)syscall(SYS_ioprio_set, 1, 0, priority);
}

/// setpriority(2) of the caller.
static inline int berth_set_nice(int value) {
    return (int)syscall(SYS_setpriority, 0, 0, value);
}

/// personality(2).
static inline int berth_personality(unsigned int persona) {
    return (int)syscall(SYS_personality, persona);
}

/// Gives the caller the scheduling, I/O class, personality and processors (every one that its cgroup
/// has; 1024 of them) of a process that nobody slowed down or bound.
static inline void berth_start_from_known_state(void) {
    unsigned char every[1024 / 8];
    memset(every, 0xff, sizeof(every));
    berth_sched_setscheduler(0);
    berth_set_nice(0);
    berth_ioprio_set(0);
    berth_personality(0);
    berth_sched_setaffinity(sizeof(every), every);
}

static inline int berth_close_range(unsigned int first, unsigned int last, unsigned int flags) {
    return (int)syscall(SYS_close_range, first, last, flags);
}

static inline int berth_execveat(
    int directory, const char *path, char *const argv[], char *const envp[], int flags) {
    return (int)syscall(SYS_execveat, directory, path, argv, envp, flags);
}

/// prctl(2) is variadic; unused arguments are 0.
static inline int berth_prctl(
    int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
    return prctl(option, a, b, c, d);
}

static inline int berth_setns(int fd, int kinds) { return (int)syscall(SYS_setns, fd, kinds); }
static inline int berth_unshare(int kinds) { return (int)syscall(SYS_unshare, kinds); }
static inline pid_t berth_gettid(void) { return (pid_t)syscall(SYS_gettid); }

static inline int berth_setrlimit(int resource, uint64_t soft, uint64_t hard) {
    uint64_t limit[2] = {soft, hard};
    return (int)syscall(SYS_prlimit64, 0, resource, limit, (void *)0);
}

/// Reads the soft limit into `limit[0]` and the hard one into `limit[1]`.
static inline int berth_getrlimit(int resource, uint64_t *limit) {
    return (int)syscall(SYS_prlimit64, 0, resource, (void *)0, limit);
}

/// As `berth_getrlimit`, of another process; 0 is the caller.
static inline int berth_getrlimit_of(pid_t process, int resource, uint64_t *limit) {
    return (int)syscall(SYS_prlimit64, process, resource, (void *)0, limit);
}

/// The range of real-time signals, in C macros over functions.
static inline int berth_sigrtmin(void) { return SIGRTMIN; }
static inline int berth_sigrtmax(void) { return SIGRTMAX; }
