/// seccomp(2).
#pragma once
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/// Installs a filter on the calling thread.
static inline int berth_seccomp_set_filter(
    const struct sock_filter *instructions, uint16_t count, unsigned int flags) {
    struct sock_fprog program = {.len = count, .filter = (struct sock_filter *)instructions};
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

/// Any system call by its number, to ask a filter for its answer.
static inline long berth_syscall(
    long number, unsigned long a, unsigned long b, unsigned long c) {
    return syscall(number, a, b, c, 0, 0, 0);
}
