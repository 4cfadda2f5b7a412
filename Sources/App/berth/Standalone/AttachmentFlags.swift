import ArgumentParser
import ContainerRuntime
import Engine

/// Which of a container's streams are ours.
struct AttachmentFlags: ParsableArguments {
    @Option(
        name: .shortAndLong,
        parsing: .singleValue,
        help: ArgumentHelp("Attach to stdin, stdout or stderr alone.", valueName: "stream"),
        completion: .list(["stdin", "stdout", "stderr"])
    )
    var attach: [String] = []

    /// - Throws: for what is no stream.
    func check() throws {
        for text in attach where !["stdin", "stdout", "stderr"].contains(text.lowercased()) {
            throw Failure(
                usage: "invalid argument \"\(text)\" for \"-a, --attach\" flag: valid streams are "
                    + "STDIN, STDOUT and STDERR"
            )
        }
    }

    /// Whether input is passed on, and which output is shown.
    func streams(detaches: Bool) throws -> (input: Bool, shown: AttachSession.Shown) {
        try check()
        guard !attach.isEmpty else { return (true, AttachSession.Shown()) }
        guard !detaches else {
            throw Failure("conflicting options: cannot specify both --attach and --detach")
        }
        let words = Set(attach.map { $0.lowercased() })
        return (
            words.contains("stdin"),
            AttachSession.Shown(
                output: words.contains("stdout"),
                error: words.contains("stderr")
            )
        )
    }
}

/// What of ours is meant for the program, and by which keys we leave it.
struct ProxyFlags: ParsableArguments {
    @Option(
        name: .customLong("detach-keys"),
        help: ArgumentHelp("Keys that detach instead of ctrl-p,ctrl-q.", valueName: "keys")
    )
    var detachKeys: String?

    @Flag(
        name: .customLong("sig-proxy"),
        inversion: .prefixedNo,
        exclusivity: .chooseLast,
        help: "Pass on signals, where the container has no terminal."
    )
    var sigProxy = true
}

extension AttachSession.Ending {
    /// Ends the command as the program has ended.
    func finish(of container: ContainerRecord) throws {
        switch self {
        case .exited(let code): throw Failure(silent: code)
        case .givenUp: throw AttachSession.givenUp
        case .detached, .inputEnded: return
        case .lost:
            throw Failure(
                "lost the connection to \(container.name): it was killed, or what it writes was not "
                    + "read for too long"
            )
        }
    }
}
