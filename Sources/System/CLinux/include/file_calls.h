/// Files: openat2, memfds, and the variadic calls Swift cannot make without its Glibc overlay.
#pragma once
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/memfd.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

// What <fcntl.h> has only with _GNU_SOURCE.
/* lseek(2): the next data, and the next hole. */
#ifndef SEEK_DATA
#define SEEK_DATA 3
#define SEEK_HOLE 4
#endif
#ifndef O_PATH
#define O_PATH 010000000
#endif
#ifndef O_TMPFILE
#define O_TMPFILE (020000000 | O_DIRECTORY)
#endif
#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif
#ifndef AT_NO_AUTOMOUNT
#define AT_NO_AUTOMOUNT 0x800
#endif
#ifndef F_ADD_SEALS
#define F_ADD_SEALS 1033
#define F_GET_SEALS 1034
#define F_SEAL_SEAL 0x0001
#define F_SEAL_SHRINK 0x0002
#define F_SEAL_GROW 0x0004
#define F_SEAL_WRITE 0x0008
#endif
#ifndef F_SETPIPE_SZ
#define F_SETPIPE_SZ 1031
#define F_GETPIPE_SZ 1032
#endif
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE (1 << 0)
#define RENAME_EXCHANGE (1 << 1)
#endif

#ifndef F_OFD_SETLK
#define F_OFD_SETLK 37
#endif

/// memfd_create(2), Linux 6.3: an executable memfd even where the sysctl makes them not.
#define BERTH_MFD_EXEC 0x0010U
/// fcntl(2), Linux 6.3: the execute bits cannot change.
#define BERTH_F_SEAL_EXEC 0x0020

static inline int berth_open(const char *path, int flags, mode_t mode) {
    return open(path, flags, mode);
}

static inline int berth_openat(int directory, const char *path, int flags, mode_t mode) {
    return openat(directory, path, flags, mode);
}

static inline int berth_openat2(
    int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

/// What the kernel knows of an open file, without asking the server of a file system for it.
static inline int berth_statx(int fd, struct statx *status) {
    const int empty_path = 0x1000, dont_sync = 0x4000;  // AT_EMPTY_PATH, AT_STATX_DONT_SYNC
    return (int)syscall(SYS_statx, fd, "", empty_path | dont_sync, STATX_BASIC_STATS, status);
}

/// A lock that belongs to an open file, whoever has it (fcntl(2), open file description locks).
static inline int berth_lock_range(int fd, struct flock *range) {
    return fcntl(fd, F_OFD_SETLK, range);
}

static inline int berth_fcntl(int fd, int command, int argument) {
    return fcntl(fd, command, argument);
}

static inline int berth_ioctl_int(int fd, unsigned long request, int argument) {
    return ioctl(fd, request, argument);
}

static inline int berth_ioctl_pointer(int fd, unsigned long request, void *argument) {
    return ioctl(fd, request, argument);
}

static inline int berth_pipe2(int *ends, int flags) {
    return (int)syscall(SYS_pipe2, ends, flags);
}

static inline int berth_dup3(int from, int to, int flags) {
    return (int)syscall(SYS_dup3, from, to, flags);
}

static inline int berth_memfd_create(const char *name, unsigned int flags) {
    return (int)syscall(SYS_memfd_create, name, flags);
}

static inline int berth_renameat2(
    int from_directory, const char *from, int to_directory, const char *to, unsigned int flags) {
    return (int)syscall(SYS_renameat2, from_directory, from, to_directory, to, flags);
}

/// The kernel's directory entries, for callers without malloc; a buffer of `struct dirent64`.
static inline ssize_t berth_getdents64(int directory, void *buffer, size_t count) {
    return syscall(SYS_getdents64, directory, buffer, count);
}

static inline int berth_syncfs(int fd) { return (int)syscall(SYS_syncfs, fd); }

static inline dev_t berth_makedev(unsigned int major_number, unsigned int minor_number) {
    return makedev(major_number, minor_number);
}

static inline unsigned int berth_major(dev_t device) { return major(device); }
static inline unsigned int berth_minor(dev_t device) { return minor(device); }

/// copy_file_range(2) from and to where both files stand.
static inline ssize_t berth_copy_file_range(int from, int to, size_t count) {
    return syscall(SYS_copy_file_range, from, (void *)0, to, (void *)0, count, 0);
}

/// splice(2) between where both descriptors stand, as much as is there.
static inline ssize_t berth_splice(int from, int to, size_t count) {
    // 1: SPLICE_F_MOVE.
    return syscall(SYS_splice, from, (void *)0, to, (void *)0, count, 1U);
}

/// Whether two descriptors of this process are one open file: 0 when so, kcmp(2).
static inline int berth_compare_files(int first, int second) {
    pid_t self = getpid();
    return (int)syscall(SYS_kcmp, self, self, 0, first, second);
}
