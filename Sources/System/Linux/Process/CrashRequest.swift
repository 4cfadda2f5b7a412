#if DEBUG
    import Glibc
    import Synchronization
    import SystemPackage

    /// What a test asks of a debug build, in the folder that `BERTH_CRASH` names.
    ///
    ///     trace    while it is there, each pass of a crash point is added to it: `command file-placed`
    ///     kill     `supervisor file-placed 2 7`: the second pass kills the process; the last word
    ///              tells one request from another. It is removed first, so that one process is killed.
    final class CrashRequest: Sendable {
        static let variable = "BERTH_CRASH"
        /// Read once; nil without the variable.
        static let current = CrashRequest()

        private let trace: String
        private let request: String
        private let role: String
        /// By request, how often its point was passed.
        private let passes = Mutex<[String: Int]>([:])

        private init?() {
            guard let folder = getenv(Self.variable) else { return nil }
            let path = String(cString: folder)
            trace = path + "/trace"
            request = path + "/kill"
            let isSupervisor = CommandLine.arguments.dropFirst().first == "supervise"
            role = isSupervisor ? "supervisor" : "command"
        }

        func passed(_ point: CrashPoint) {
            let own = "\(role) \(point.rawValue)"
            note(own)
            // Without a request, or while it is written, nobody is killed.
            guard let bytes = try? readFile(FilePath(request), limit: 256), !bytes.isEmpty else {
                return
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let words = text.split(separator: " ")
            guard words.count == 4, words.prefix(2).joined(separator: " ") == own,
                let number = Int(words[2])
            else { return }
            let count = passes.withLock { passes in
                passes[text, default: 0] += 1
                return passes[text]
            }
            guard count == number, unlink(request) == 0 else { return }
            kill(getpid(), SIGKILL)
        }

        private func note(_ text: String) {
            let file = open(trace, O_WRONLY | O_APPEND | O_CLOEXEC)
            guard file >= 0 else { return }
            defer { close(file) }
            let line = text + "\n"
            _ = write(file, line, line.utf8.count)
        }
    }
#endif
