/// Landlock: what a thread gives up. The structures are ours, since older kernel headers lack
/// members; the kernel takes any size it knows.
#pragma once
#include <linux/capability.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

/// The version of Landlock that the kernel speaks; -1 when none.
static inline int berth_landlock_version(void) {
    return (int)syscall(SYS_landlock_create_ruleset, (void *)0, 0, 1);
}

/// A ruleset that denies the named rights; `members` is how many of the three the kernel knows.
static inline int berth_landlock_create(
    uint64_t files, uint64_t network, uint64_t scopes, unsigned int members) {
    uint64_t attributes[3] = {files, network, scopes};
    return (int)syscall(SYS_landlock_create_ruleset, attributes, members * sizeof(uint64_t), 0);
}

/// Allows rights in a directory and what is below it.
static inline int berth_landlock_allow_beneath(int ruleset, uint64_t rights, int directory) {
    struct {
        uint64_t rights;
        int32_t directory;
    } __attribute__((packed)) rule = {rights, directory};
    return (int)syscall(SYS_landlock_add_rule, ruleset, 1, &rule, 0);
}

/// Puts the calling thread, and what it starts, under a ruleset for good.
static inline int berth_landlock_restrict(int ruleset) {
    return (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
}
