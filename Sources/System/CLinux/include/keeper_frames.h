/// What is said over a socket to a keeper, in both directions: frames, each of them a
/// `struct keeper_frame` and `size` bytes. Numbers have the machine's byte order: both ends are
/// processes of one machine.
///
/// Two kinds of sockets take frames. The control socket, which a keeper is born with, is its
/// starter's. The attach socket, `attach` in the container's folder, is for whoever may open it;
/// each connection is a client. An exec keeper of a process with a terminal is born with one client
/// that is attached already.
///
/// Whatever is not exactly as described here ends the connection and nothing else.
#pragma once
#include <stdint.h>

struct keeper_frame {
    uint32_t kind;
    /// Bytes that follow.
    uint32_t size;
};

enum {
    /// The most bytes that may follow in a frame to a keeper.
    KEEPER_LARGEST_REQUEST = 16 << 10,
    /// The most bytes that follow in a frame from a keeper.
    KEEPER_LARGEST_ANSWER = 64 << 10,
};

/// Frames to a keeper.
enum KeeperRequest : uint32_t {
    /// Control of a container: the network is ready, execute. Empty.
    KeeperRequestGo = 1,
    /// Control of a process: kill all that it started. Empty.
    KeeperRequestKill = 2,
    /// Control of a process: it stays when the starter goes. Empty.
    KeeperRequestDetach = 3,
    /// A signal for the program; `int32_t`.
    KeeperRequestSignal = 4,
    /// Send me what the program writes from now on; `uint32_t` of `KEEPER_ATTACH_…`. Answered by
    /// `KeeperAnswerAttached`.
    KeeperRequestAttach = 5,
    /// Bytes for the program's standard input.
    KeeperRequestInput = 6,
    /// This client has no more input. Empty.
    KeeperRequestCloseInput = 7,
    /// The client's terminal has this size; `struct keeper_window`.
    KeeperRequestResize = 8,
} __attribute__((enum_extensibility(closed)));

enum {
    /// The client gives input.
    KEEPER_ATTACH_INPUT = 1,
};

/// Frames from a keeper.
enum KeeperAnswer : uint32_t {
    /// What the program's streams are; `uint32_t` of `KEEPER_STREAMS_…`.
    KeeperAnswerAttached = 1,
    /// Bytes of the program's standard output, or of its terminal.
    KeeperAnswerOutput = 2,
    /// Bytes of its standard error.
    KeeperAnswerError = 3,
    /// It has ended and nothing follows; `struct keeper_ending`.
    KeeperAnswerExited = 4,
} __attribute__((enum_extensibility(closed)));

enum {
    /// The streams are a terminal.
    KEEPER_STREAMS_TERMINAL = 1,
    /// Input is taken.
    KEEPER_STREAMS_INPUT = 2,
    /// Input ends when the client that gives it has no more, or goes.
    KEEPER_STREAMS_INPUT_ONCE = 4,
};

/// Rows and columns of a terminal.
struct keeper_window {
    uint16_t rows;
    uint16_t columns;
};

struct keeper_ending {
    /// 128 + the signal where one ended it.
    int32_t code;
    /// 0: it exited by itself.
    int32_t signal;
};
