/// What the Glibc module lacks, one header per subject: constants, structs and raw system calls.
/// Every function is `static inline` and returns -1 with `errno`, like the C library's.
///
/// Never with _GNU_SOURCE: the Glibc module is compiled without it, and a structure that differs
/// between the two (`fd_set`, `rusage`) could not be used by a file that imports both.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bpf_calls.h"
#include "event_calls.h"
#include "file_calls.h"
#include "identity_calls.h"
#include "keeper_calls.h"
#include "keeper_frames.h"
#include "keeper_spec.h"
#include "mount_calls.h"
#include "netlink.h"
#include "process_calls.h"
#include "sandbox_calls.h"
#include "seccomp_calls.h"
#include "socket_calls.h"
#include "terminal_calls.h"

/// The calling thread's `errno`.
static inline int berth_errno(void) { return errno; }
