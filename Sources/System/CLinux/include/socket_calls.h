/// Sockets: credentials of a peer, and the macros around ancillary data.
#pragma once
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static inline size_t berth_cmsg_space(size_t length) { return CMSG_SPACE(length); }
static inline size_t berth_cmsg_length(size_t length) { return CMSG_LEN(length); }
static inline struct cmsghdr *berth_cmsg_first(struct msghdr *message) {
    return CMSG_FIRSTHDR(message);
}
static inline struct cmsghdr *berth_cmsg_next(struct msghdr *message, struct cmsghdr *header) {
    return CMSG_NXTHDR(message, header);
}
static inline unsigned char *berth_cmsg_data(struct cmsghdr *header) { return CMSG_DATA(header); }

/// The user behind the other end of a connected Unix socket, when it connected: `struct ucred` of
/// unix(7), which <sys/socket.h> has only with _GNU_SOURCE.
struct berth_peer {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

static inline int berth_peer_credentials(int fd, struct berth_peer *peer) {
    socklen_t size = sizeof *peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &size);
}

/// accept4(2) without the peer's address.
static inline int berth_accept4(int fd, int flags) {
    return (int)syscall(SYS_accept4, fd, (void *)0, (void *)0, flags);
}

/// A control message that carries two descriptors, unix(7): the members of `struct cmsghdr`, which
/// ends with an array of any length, and its content.
struct berth_two_descriptors {
    size_t length;
    int level;
    int type;
    int fds[2];
};

/// Sends two descriptors and a byte.
static inline ssize_t berth_send_two_descriptors(int socket, int first, int second) {
    struct berth_two_descriptors control = {
        CMSG_LEN(sizeof control.fds), SOL_SOCKET, SCM_RIGHTS, {first, second}};
    struct iovec byte = {"", 1};
    struct msghdr message = {
        .msg_iov = &byte, .msg_iovlen = 1,
        .msg_control = &control, .msg_controllen = sizeof control};
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}

/// Receives what `berth_send_two_descriptors` sent, close-on-exec; -1 for each that there was not.
static inline ssize_t berth_receive_two_descriptors(int socket, int *fds) {
    struct berth_two_descriptors control = {.fds = {-1, -1}};
    char text;
    struct iovec byte = {&text, 1};
    struct msghdr message = {
        .msg_iov = &byte, .msg_iovlen = 1,
        .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    memcpy(fds, control.fds, sizeof control.fds);
    return count;
}

/// The name of a link of a socket's network namespace, 16 bytes with NUL: SIOCGIFNAME, netdevice(7).
static inline int berth_link_name(int socket, int index, char *name) {
    // `struct ifreq`, whose two headers exclude each other.
    struct {
        char name[16];
        int index;
        char rest[20];
    } request = {{0}, index, {0}};
    int result = ioctl(socket, 0x8910, &request);
    memcpy(name, request.name, sizeof request.name);
    return result;
}
