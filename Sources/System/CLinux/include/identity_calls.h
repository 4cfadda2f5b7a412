/// Who a thread is: users, groups, capabilities. Raw calls: they change one thread, where the C
/// library's wrappers would change all of a process.
#pragma once
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static inline int berth_setgroups(size_t count, const gid_t *groups) {
    return (int)syscall(SYS_setgroups, count, groups);
}

static inline int berth_setresgid(gid_t real, gid_t effective, gid_t saved) {
    return (int)syscall(SYS_setresgid, real, effective, saved);
}

static inline int berth_setresuid(uid_t real, uid_t effective, uid_t saved) {
    return (int)syscall(SYS_setresuid, real, effective, saved);
}

/// Whose are the files that the calling thread makes. Capabilities over files are lost with it: give
/// them back.
static inline void berth_setfsids(uid_t user, gid_t group) {
    (void)syscall(SYS_setfsgid, group);
    (void)syscall(SYS_setfsuid, user);
}

/// Sets the calling thread's capability sets (capset(2), version 3).
static inline int berth_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {
        {(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
        {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32)}};
    return (int)syscall(SYS_capset, &header, data);
}

/// Reads the permitted set of a thread (0: the caller) into `permitted`.
static inline int berth_capget_permitted(pid_t thread, uint64_t *permitted) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, thread};
    struct __user_cap_data_struct data[2] = {{0, 0, 0}, {0, 0, 0}};
    int result = (int)syscall(SYS_capget, &header, data);
    *permitted = (uint64_t)data[1].permitted << 32 | data[0].permitted;
    return result;
}
