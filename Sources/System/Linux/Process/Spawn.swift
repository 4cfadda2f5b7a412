import CLinux
import Glibc

/// What to start with `spawn`, and what it gets from us: nothing that is not named here.
package struct SpawnRequest: Sendable {
    /// Path of the program; never searched for. `/proc/self/fd/N` is a descriptor of this process,
    /// not of the child, which has only those given below.
    package var program: String
    /// All arguments, the program's name first.
    package var arguments: [String]
    /// `NAME=value`; the whole environment.
    package var environment: [String] = []
    /// What the program finds at which number; 0, 1 and 2 are `/dev/null` unless given.
    package var descriptors: [CInt: SharedFD] = [:]
    /// Starts a session of its own, out of reach of the terminal's signals.
    package var startsSession = false
    package var workingDirectory: String?

    package init(program: String, arguments: [String]) {
        self.program = program
        self.arguments = arguments
    }
}

/// Starts a program with posix_spawn(3), every signal unblocked and at its default action (but 32
/// and 33, which glibc makes ignored), and returns it by pidfd; an error of exec is thrown here.
/// The caller reaps it.
package func spawn(_ request: SpawnRequest) throws(SyscallError) -> ProcessFD {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }

    try setSignals(&attributes, startsSession: request.startsSession)
    // Duplicated above every target first, so that no dup2 hits the source of a later one.
    let lifted = try mapDescriptors(request.descriptors, &actions)
    if let directory = request.workingDirectory {
        try check("posix_spawn", directory) {
            posix_spawn_file_actions_addchdir_np(&actions, directory)
        }
    }

    var program = request.program
    if program.hasPrefix("/proc/self/") {
        program.replaceSubrange(
            ..<program.index(program.startIndex, offsetBy: 10),
            with: "/proc/\(getpid())"
        )
    }
    var pid = pid_t()
    let code = withExtendedLifetime(lifted) {
        withCStrings(request.arguments) { arguments in
            withCStrings(request.environment) { environment in
                posix_spawn(&pid, program, &actions, &attributes, arguments, environment)
            }
        }
    }
    if code != 0 { throw SyscallError(call: "exec", subject: request.program, errno: code) }
    CrashPoint.programStarted.pass()
    // Nobody but us can reap it, so the number still is this child's.
    return try ProcessFD(opening: pid)
}

private func setSignals(
    _ attributes: inout posix_spawnattr_t,
    startsSession: Bool
) throws(SyscallError) {
    var signals = sigset_t()
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    var flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
    if startsSession { flags |= Int32(POSIX_SPAWN_SETSID) }
    try check("posix_spawn", "flags") { posix_spawnattr_setflags(&attributes, Int16(flags)) }
}

private func mapDescriptors(
    _ descriptors: [CInt: SharedFD],
    _ actions: inout posix_spawn_file_actions_t
) throws(SyscallError) -> [SharedFD] {
    let first = max(2, descriptors.keys.max() ?? 2) + 1
    var lifted: [SharedFD] = []
    for (number, fd) in descriptors.sorted(by: { $0.key < $1.key }) {
        let copy = SharedFD(try fd.duplicate(atLeast: first))
        lifted.append(copy)
        try check("posix_spawn", "descriptor \(number)") {
            copy.with { posix_spawn_file_actions_adddup2(&actions, $0, number) }
        }
    }
    for number: CInt in 0...2 where descriptors[number] == nil {
        try check("posix_spawn", "/dev/null") {
            posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0)
        }
    }
    for number in 3..<first where descriptors[number] == nil {
        try check("posix_spawn", "close") { posix_spawn_file_actions_addclose(&actions, number) }
    }
    // Every descriptor of ours is close-on-exec; those we inherited may not be.
    try check("posix_spawn", "close") {
        posix_spawn_file_actions_addclosefrom_np(&actions, first)
    }
    return lifted
}

/// The posix_spawn family returns its error instead of setting `errno`.
private func check(_ call: String, _ subject: String, _ body: () -> CInt) throws(SyscallError) {
    let code = body()
    if code != 0 { throw SyscallError(call: call, subject: subject, errno: code) }
}

/// Lends a null-terminated array of C strings.
private func withCStrings<R>(
    _ strings: [String],
    _ body: ([UnsafeMutablePointer<CChar>?]) -> R
) -> R {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
}
