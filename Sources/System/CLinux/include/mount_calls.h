/// Mounts. The new mount API (fsopen, fsconfig, fsmount, open_tree, move_mount, mount_setattr) is
/// in glibc since 2.36.
#pragma once
#include <fcntl.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

static inline int berth_pivot_root(const char *new_root, const char *put_old) {
    return (int)syscall(SYS_pivot_root, new_root, put_old);
}

/// mount_setattr(2) from plain numbers.
static inline int berth_mount_setattr(
    int directory, const char *path, unsigned int flags, uint64_t set, uint64_t clear,
    uint64_t propagation) {
    struct mount_attr attributes = {
        .attr_set = set, .attr_clr = clear, .propagation = propagation, .userns_fd = 0};
    return (int)syscall(SYS_mount_setattr, directory, path, flags, &attributes, sizeof attributes);
}

/// Shows the files of a mount that is nowhere with the identifiers that a user namespace has for them.
static inline int berth_map_identifiers(int mount, unsigned int flags, int user_namespace) {
    struct mount_attr attributes = {
        .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)user_namespace};
    return (int)syscall(SYS_mount_setattr, mount, "", flags, &attributes, sizeof attributes);
}

/// The macro OPEN_TREE_CLOEXEC and its like are expressions Swift does not import.
static inline unsigned int berth_open_tree_cloexec(void) { return O_CLOEXEC; }
