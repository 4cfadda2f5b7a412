/// Calls that only `berth-keeper` makes.
#pragma once
#include <errno.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/// Keeps a reason over calls made to clean up.
static inline void berth_set_errno(int value) { errno = value; }

/// Gives any signal its default action, also those that the C library's sigaction refuses.
static inline int berth_default_signal(int number) {
    // The kernel's structure: handler, flags, restorer and mask, all zero.
    unsigned long action[8] = {0};
    return (int)syscall(SYS_rt_sigaction, number, action, (void *)0, 8UL);
}

/// Blocks exactly the signals of a mask, bit 0 being signal 1; the C library would leave out two.
static inline int berth_set_signal_mask(uint64_t mask) {
    return (int)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, (void *)0, 8UL);
}

/// A new, unnamed session keyring for the calling process.
static inline int berth_join_session_keyring(void) {
    return (int)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0L, 0L, 0L, 0L);
}

/// A copy of the caller with the caller's own parent: clone(2), which filters allow where they
/// do not allow clone3. Returns when the copy has executed a program or ended; before the copy
/// runs its pid, as the caller sees it, is in `number`. Memory is not shared, unlike vfork(2).
static inline pid_t berth_clone_sibling(pid_t *number) {
    long flags = CLONE_PARENT | CLONE_VFORK | CLONE_PARENT_SETTID | SIGCHLD;
    return (pid_t)syscall(SYS_clone, flags, 0L, number, 0L, 0L);
}
