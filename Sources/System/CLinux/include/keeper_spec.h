/// What `berth-keeper` receives and reports: one layout, written and read on both sides of a
/// `posix_spawn`. Everything in it is decided; the keeper only carries out.
///
/// A spec is one sealed memfd: `struct keeper_spec` at offset 0, then strings and arrays in any
/// order. A text is the offset of a NUL-terminated string, 0 meaning none; a list is an array of
/// `count` elements at `offset`, aligned to 8.
#pragma once
#include <stdint.h>
#include "keeper_frames.h"

#define KEEPER_CLOSED_ENUM __attribute__((enum_extensibility(closed)))

/// Both sides refuse any other: a keeper and its starter come from one build.
static const uint32_t keeper_version = 5;

/// Descriptors a keeper is born with. 0, 1 and 2 are the program's where nothing is logged.
enum KeeperFD : int32_t {
    KeeperFDSpec = 3,
    /// Write end of a pipe of `struct keeper_event`.
    KeeperFDReport = 4,
    /// The starter's socket: `KeeperRequestGo` lets a container execute; in exec mode signals and
    /// what else is the starter's to say. End of file: the starter lost interest.
    KeeperFDControl = 5,
    /// pidfd of the process that started the keeper.
    KeeperFDStarter = 6,
    /// The container's folder.
    KeeperFDFolder = 7,
    /// Where the descriptors that the spec names begin.
    KeeperFDFirstFree = 8,
} KEEPER_CLOSED_ENUM;

enum KeeperMode : uint32_t {
    KeeperModeContainer = 1,
    KeeperModeExec = 2,
    /// Only to be in a user namespace of its own, and in the `namespaces` that belong to it, until end
    /// of file on the control socket. `Started` says that it is there.
    KeeperModeUserNamespace = 3,
} KEEPER_CLOSED_ENUM;

typedef uint32_t keeper_text;

struct keeper_list {
    uint32_t offset;
    uint32_t count;
};

/// One `setrlimit`.
struct keeper_limit {
    int32_t resource;
    /// Nonzero: a default of ours, nobody is warned when it cannot be set.
    int32_t is_default;
    uint64_t soft;
    uint64_t hard;
};

/// A key and a value: an option of a file system (value 0: a flag), a sysctl, a link.
struct keeper_pair {
    keeper_text key;
    keeper_text value;
};

/// A device node to make.
struct keeper_node {
    keeper_text name;
    /// Below `/dev`, or below the root for one of `outer_nodes`; 0: right there.
    keeper_text folder;
    /// Where the host has it.
    keeper_text source;
    /// S_IFCHR or S_IFBLK, with its permission bits.
    uint32_t mode;
    uint32_t major;
    uint32_t minor;
    uint32_t user;
    uint32_t group;
};

/// Namespaces of another container for a new one to be in.
struct keeper_join {
    /// pidfd of the other's init.
    int32_t process;
    /// CLONE_NEW*, as setns(2) takes them.
    uint32_t kinds;
};

enum KeeperMountKind : uint32_t {
    /// A new file system of type `source`.
    KeeperMountKindFileSystem = 1,
    /// The tree at the host's path `source`, with what is mounted below it.
    KeeperMountKindBind = 2,
    /// A new tmpfs with the spec's device nodes.
    KeeperMountKindDevices = 3,
    /// The mount that is attached nowhere and open as descriptor `given`.
    KeeperMountKindGiven = 4,
} KEEPER_CLOSED_ENUM;

enum {
    /// The target is ours: no symbolic link on the way, never made, procfs allowed.
    KEEPER_MOUNT_OURS = 1,
    /// A missing target is made.
    KEEPER_MOUNT_CREATE = 2,
    /// The kernel may lack it: failing is a warning.
    KEEPER_MOUNT_OPTIONAL = 4,
    /// The descriptor is kept as the private procfs that sysctls are written through.
    KEEPER_MOUNT_IS_PROC = 8,
    /// The container's own terminals: the descriptor is kept where the program gets one of them.
    KEEPER_MOUNT_IS_TERMINALS = 16,
};

struct keeper_mount {
    uint32_t kind;
    uint32_t flags;
    keeper_text source;
    keeper_text target;
    struct keeper_list options;
    /// Symbolic links to make in it.
    struct keeper_list links;
    /// MOUNT_ATTR_* to set, on everything mounted below it too.
    uint64_t attributes;
    /// MS_PRIVATE, MS_SLAVE or MS_SHARED.
    uint64_t propagation;
    /// -1 but for `KeeperMountKindGiven`.
    int32_t given;
    uint32_t padding;
};

/// What the keeper does when its starter is gone.
enum KeeperAbandonment : uint32_t {
    KeeperAbandonmentKill = 1,
    KeeperAbandonmentStay = 2,
    KeeperAbandonmentRevive = 3,
} KEEPER_CLOSED_ENUM;

enum {
    KEEPER_NO_NEW_PRIVILEGES = 1,
    KEEPER_READ_ONLY_ROOT = 2,
    /// Our init is process 1 and the program its child.
    KEEPER_OWN_INIT = 4,
    /// The keeper has the program's streams: it writes the log and serves who attaches. Otherwise
    /// 0, 1 and 2 are given.
    KEEPER_HAS_STREAMS = 8,
    /// The overlay need not survive a crash of the machine.
    KEEPER_VOLATILE = 16,
    /// Exec mode: end of file on the control socket does not kill.
    KEEPER_OUTLIVES_STARTER = 32,
    /// The program's streams are a terminal of its container.
    KEEPER_TERMINAL = 64,
    /// Clients may give input; otherwise 0 is as given, or is a terminal on which nobody types.
    KEEPER_INPUT = 128,
    /// Input ends when a client that gives it has no more, or goes.
    KEEPER_INPUT_ONCE = 256,
};

struct keeper_spec {
    uint32_t version;
    uint32_t size;
    uint32_t mode;
    uint32_t flags;

    // The program.
    struct keeper_list arguments;
    struct keeper_list environment;
    /// Paths to try in turn: the program's places in the container's PATH.
    struct keeper_list candidates;
    keeper_text working_directory;
    uint32_t user;
    uint32_t group;
    /// Path of `KeeperFDFolder`, for the child: an overlay takes nothing of another namespace.
    keeper_text folder;
    struct keeper_list supplementary_groups;
    struct keeper_list limits;
    /// Bounding, permitted and effective.
    uint64_t capabilities;
    /// `struct sock_filter`; empty means unconfined.
    struct keeper_list filter;
    /// The AppArmor profile to execute under; 0 for none.
    keeper_text app_armor;
    /// proc(5), oom_score_adj.
    int32_t oom_score;

    // Its container.
    /// CLONE_NEW* to make for a new one; in exec mode those of the container to be in.
    uint64_t namespaces;
    /// `struct keeper_join`.
    struct keeper_list namespace_joins;
    /// The user namespace that the program is in; -1 where that is the host's.
    int32_t user_namespace;
    /// The host's numbers of its user 0 and of its group 0: of whatever is made for the container.
    uint32_t first_user;
    uint32_t first_group;
    /// Namespaces that belong to it, for the container to be born in; -1 for none.
    int32_t birth_network;
    int32_t birth_names;
    uint32_t padding;
    keeper_text hostname;
    keeper_text domain_name;
    /// Lower directories of the overlay, topmost first, ours among them.
    struct keeper_list layers;
    struct keeper_list mounts;
    /// `struct keeper_node`s below `/dev`, then those elsewhere.
    struct keeper_list nodes;
    struct keeper_list outer_nodes;
    struct keeper_list sysctls;
    struct keeper_list masked_paths;
    struct keeper_list read_only_paths;

    // Its cgroups.
    /// Directory of the v2 cgroup to be born in; -1 for none.
    int32_t cgroup_fd;
    /// Exec mode: its `cgroup.kill`, open for writing; -1 for none.
    int32_t cgroup_kill_fd;
    /// `memory.events` (v2) or `memory.oom_control` (v1), open for reading; -1 for none.
    int32_t oom_fd;
    /// Exec mode: pidfd of the container's init.
    int32_t init_fd;
    /// Exec mode: socket of the client of a process with a terminal; -1 for none.
    int32_t client_fd;
    /// The terminal's size at first; 0 when nobody has said one.
    struct keeper_window window;
    /// Open `tasks` of v1 hierarchies (int32_t), joined by writing.
    struct keeper_list cgroup_joins;
    /// Directories to remove at the end; everything in the first ends with a container that has no pid
    /// namespace of its own.
    struct keeper_list cgroup_paths;
    /// Directories above them to remove where nobody else is in them, each before its parent.
    struct keeper_list cgroup_parents;

    // Its keeper.
    int64_t log_file_bytes;
    /// 0 keeps no log.
    int32_t log_files;
    uint32_t abandonment;
    struct keeper_list revival_arguments;
    struct keeper_list revival_environment;
    keeper_text lock_file;
    /// `/proc/sys/kernel/random/boot_id`.
    keeper_text boot_id;
};

/// Where something failed; the words are in Swift (`RuntimeError`).
enum KeeperStage : int32_t {
    KeeperStageSpec = 1,
    KeeperStageNamespaces,
    KeeperStageCgroup,
    KeeperStageMountSource,
    KeeperStagePropagation,
    KeeperStageLayer,
    KeeperStageRootFileSystem,
    KeeperStageMountTarget,
    KeeperStageMountTargetProtected,
    KeeperStageMount,
    KeeperStageDevice,
    KeeperStageSysctl,
    KeeperStageMaskedPath,
    KeeperStageReadOnlyPath,
    KeeperStageReadOnlyRoot,
    KeeperStagePivotRoot,
    KeeperStageHostname,
    KeeperStageKeyring,
    KeeperStageLimit,
    KeeperStageStdio,
    KeeperStageTerminal,
    KeeperStageWorkingDirectory,
    KeeperStageCapabilities,
    KeeperStageGroups,
    KeeperStageUser,
    KeeperStageNoNewPrivileges,
    KeeperStageSeccomp,
    KeeperStageInitProcess,
    KeeperStageExec,
    KeeperStageJoin,
    KeeperStageOomScore,
    KeeperStageAppArmor,
    KeeperStageLog,
    KeeperStageState,
    /// Killed before it could execute: memory limit, a signal.
    KeeperStageKilled,
} KEEPER_CLOSED_ENUM;

enum KeeperEventKind : int32_t {
    /// `value`: pid of the process on the host. It is in its namespaces.
    KeeperEventKindCreated = 1,
    /// Something asked for was left out.
    KeeperEventKindWarning,
    /// The process is about to execute; only between child and keeper.
    KeeperEventKindExecuting,
    /// The program runs; `value`: when, in nanoseconds since 1970.
    KeeperEventKindStarted,
    /// Nothing is left.
    KeeperEventKindFailed,
    /// Exec mode: `value` is the exit code, `error` the signal or 0.
    KeeperEventKindExited,
} KEEPER_CLOSED_ENUM;

/// `index` of a program that cannot be executed although its file is there.
static const int32_t KEEPER_FILE_IS_THERE = 1;

struct keeper_event {
    int32_t kind;
    int32_t stage;
    /// Which of several: a mount, a limit, a layer.
    int32_t index;
    /// An errno.
    int32_t error;
    int64_t value;
};

static const uint32_t keeper_state_magic = 0x62737431;  // "bst1"
static const uint32_t keeper_exit_magic = 0x62787431;   // "bxt1"

/// File `state` in the container's folder, from start to end of a run.
struct keeper_state {
    uint32_t magic;
    int32_t keeper_pid;
    int32_t init_pid;
    uint32_t padding;
    /// Field 22 of `/proc/<pid>/stat`: with the boot id it tells a pid from its next owner.
    uint64_t keeper_start;
    uint64_t init_start;
    int64_t started_at;
    char boot_id[40];
};

/// File `exit` in the container's folder, after a run.
struct keeper_exit {
    uint32_t magic;
    int32_t code;
    /// 0: exited by itself.
    int32_t signal;
    int32_t oom_killed;
    int64_t started_at;
    int64_t finished_at;
};

/// Follows `keeper_exit` where the log has lost entries and could not say so any more.
struct keeper_loss {
    uint64_t entries;
    uint64_t bytes;
    /// An errno.
    int32_t error;
    uint32_t padding;
};
