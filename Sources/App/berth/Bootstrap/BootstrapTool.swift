import Dispatch
import Glibc
import ImageStore
import Linux
import Synchronization
import SystemPackage

/// The program that puts a distribution's packages together. Called by its absolute path, with an
/// environment of ours, in a mount namespace in which only its own folder can be written to.
struct BootstrapTool: Sendable {
    enum Kind: String, CaseIterable {
        /// Writes a tar, the same one each time.
        case mmdebstrap
        /// Fills a folder.
        case debootstrap
    }

    var kind: Kind
    var path: String

    /// The first that is installed.
    static func find() throws -> BootstrapTool {
        for kind in Kind.allCases {
            for folder in ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"] {
                let path = "\(folder)/\(kind.rawValue)"
                if access(path, X_OK) == 0 { return BootstrapTool(kind: kind, path: path) }
            }
        }
        throw Failure(
            "cannot bootstrap: neither mmdebstrap nor debootstrap is installed; "
                + "install one: apt-get install mmdebstrap"
        )
    }

    /// What it is called with; `folder` is where debootstrap puts the files.
    func arguments(
        _ recipe: BootstrapRecipe,
        updates: [(mirror: String, suite: String)],
        into folder: String
    ) -> [String] {
        var arguments = [
            path, "--variant=\(recipe.variant)", "--keyring=\(recipe.keyring)",
        ]
        if !recipe.include.isEmpty {
            arguments.append("--include=\(recipe.include.joined(separator: ","))")
        }
        switch kind {
        case .mmdebstrap:
            arguments += [
                "--architectures=\(recipe.architecture)",
                "--components=\(recipe.components.joined(separator: ","))", "--mode=root",
                "--format=tar", "--aptopt=Acquire::Languages \"none\"",
                // It copies these two from this machine; a link is the packages' own.
                "--customize-hook=for f in hostname resolv.conf; do "
                    + "[ -L \"$1/etc/$f\" ] || : > \"$1/etc/$f\"; done",
                recipe.suite, "-",
            ]
            return arguments + recipe.sources(updates)
        case .debootstrap:
            return arguments + [
                "--arch=\(recipe.architecture)",
                "--components=\(recipe.components.joined(separator: ","))", recipe.suite,
                folder, recipe.mirror,
            ]
        }
    }

    /// Starts it in `folder`. What it says goes to `messages`, its tar to `output`; it keeps the
    /// lock as long as it lives.
    func start(
        _ arguments: [String],
        in folder: FilePath,
        epoch: Int64,
        output: SharedFD,
        messages: SharedFD,
        lock: FileLock
    ) async throws -> ProcessFD {
        var request = SpawnRequest(program: path, arguments: arguments)
        request.environment = [
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=\(folder)",
            "TMPDIR=\(folder)", "SOURCE_DATE_EPOCH=\(epoch)", "DEBIAN_FRONTEND=noninteractive",
        ]
        let ours = Machine.environment()
        for name in ["http_proxy", "https_proxy", "no_proxy"] {
            if let value = ours[name] ?? ours[name.uppercased()] {
                request.environment.append("\(name)=\(value)")
            }
        }
        request.descriptors = [1: output, 2: messages, 3: try lock.share()]
        // Its programs are to hear of a signal, not only itself: see `signal`.
        request.startsSession = true
        request.workingDirectory = folder.string
        let complete = request
        return try await onOwnThread { () throws(SyscallError) -> ProcessFD in
            try MachineReadOnly.enterThread(but: folder)
            return try spawn(complete)
        }
    }

    /// Signals the tool, which waits for what it has started, and all of that. Nobody else has its
    /// number while we have not asked for its end.
    static func signal(_ tool: ProcessFD, _ number: CInt) {
        // None left is what was wanted.
        _ = kill(-tool.pid, number)
    }
}

/// What the tool writes, which ends well only if the tool did.
final class BootstrapOutput: ByteSource {
    private let file: FileSource
    private let ended = DispatchSemaphore(value: 0)
    private let outcome = Mutex<Result<Void, any Error>?>(nil)

    init(_ file: SharedFD) { self.file = FileSource(file, subject: "the tool's output") }

    /// Says how the tool ended; once.
    func end(_ result: Result<Void, any Error>) {
        outcome.withLock { $0 = result }
        ended.signal()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try file.read(into: buffer)
        if count > 0 { return count }
        if outcome.withLock({ $0 == nil }) { ended.wait() }
        try outcome.withLock { $0 }?.get()
        return 0
    }
}
