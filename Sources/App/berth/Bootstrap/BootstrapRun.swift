import ContainerRuntime
import Engine
import Glibc
import ImageStore
import Linux
import Logging
import OCI
import Registry
import SystemPackage

/// Makes a base image from a distribution's packages.
struct BootstrapRun {
    let session: Session
    let recipe: BootstrapRecipe
    let platform: Platform
    let tool: BootstrapTool
    var isQuiet = false
    var wantsUpdates = true
    var names: [ImageReference] = []

    /// What the mirror has of the recipe.
    private struct Suites {
        var updates: [(mirror: String, suite: String)] = []
        /// When the newest was published: the time of every file that has no older one.
        var date: Int64 = 0
    }

    func run() async throws -> ImageRecord {
        guard access(recipe.keyring, R_OK) == 0 else {
            throw Failure(
                "cannot bootstrap: the keyring \(recipe.keyring) is missing; "
                    + "install \(recipe.distribution.keyringPackage), or name one with --keyring"
            )
        }
        let suites = try await look()
        let parent = session.layout.bootstrap
        let lock = try await clear(parent)
        let folder = parent.appending("tree")
        try makeDirectories(folder, mode: 0o755)
        let result: Result<ImageRecord, any Error>
        do {
            result = .success(try await make(suites, in: folder, lock))
        } catch {
            result = .failure(error)
        }
        do { try removeTree(folder) } catch { if case .success = result { throw error } }
        return try withExtendedLifetime(lock) { try result.get() }
    }

    /// One at a time; what a killed one left is removed.
    private func clear(_ parent: FilePath) async throws -> FileLock {
        try makeDirectories(parent)
        let lock = try await FileLock.acquire(parent.appending("lock"))
        try removeTree(parent.appending("tree"))
        return lock
    }

    /// Asks the mirror for the suite, and for what was fixed since.
    private func look() async throws -> Suites {
        var suites = Suites()
        do {
            suites.date = try await date(recipe.mirror, recipe.suite) ?? 0
        } catch let error as FileDownload.Failure {
            throw Failure(
                "cannot bootstrap \(recipe.distribution.rawValue):\(recipe.suite): \(error); "
                    + "is it a suite of that mirror? --mirror names another"
            )
        }
        guard wantsUpdates, tool.kind == .mmdebstrap else { return suites }
        for (mirror, suite) in recipe.updates {
            do {
                suites.date = max(suites.date, try await date(mirror, suite) ?? 0)
                suites.updates.append((mirror, suite))
            } catch let error as FileDownload.Failure {
                // Testing has none, and a mirror of one's own may have none.
                session.logger.info("\(error)")
            }
        }
        return suites
    }

    private func date(_ mirror: String, _ suite: String) async throws -> Int64? {
        let release = try await FileDownload.bytes(
            of: "\(mirror)/dists/\(suite)/InRelease",
            proxies: ProxySettings(environment: Machine.environment()),
            limit: 8 << 20
        )
        return ReleaseDate.seconds(in: String(decoding: release, as: UTF8.self))
    }

    private func make(
        _ suites: Suites,
        in folder: FilePath,
        _ lock: FileLock
    ) async throws -> ImageRecord {
        let epoch = Machine.environment()["SOURCE_DATE_EPOCH"].flatMap { Int64($0) } ?? suites.date
        let arguments = tool.arguments(
            recipe,
            updates: suites.updates,
            into: folder.appending("root").string
        )
        let log = folder.appending("log")
        let messages =
            isQuiet
            ? SharedFD(try openFile(log, O_RDWR | O_CREAT | O_TRUNC | O_APPEND, mode: 0o600))
            : SharedFD(taking: dup(STDERR_FILENO))
        let (process, source) = try await start(arguments, folder, epoch, messages, lock)
        return try await withThrowingTaskGroup(of: ImageRecord?.self) { group in
            if tool.kind == .mmdebstrap {
                group.addTask { try await add(source, epoch: epoch) }
            }
            group.addTask {
                let result = await outcome(of: process, log)
                source.end(result)
                try result.get()
                guard tool.kind == .debootstrap else { return nil }
                let root = folder.appending("root")
                try tidy(root)
                let tar = folder.appending("root.tar")
                try await pack(root, as: tar)
                return try await add(try FileSource(tar), epoch: epoch)
            }
            var image: ImageRecord?
            do {
                while let next = try await group.next() { image = next ?? image }
            } catch {
                // The tool stops when nobody takes what it makes.
                BootstrapTool.signal(process, SIGTERM)
                throw error
            }
            guard let image else { throw CancellationError() }
            return image
        }
    }

    /// In a function of its own: when it returns, the tool alone has the pipe's far end.
    private func start(
        _ arguments: [String],
        _ folder: FilePath,
        _ epoch: Int64,
        _ messages: SharedFD,
        _ lock: FileLock
    ) async throws -> (ProcessFD, BootstrapOutput) {
        var pipe = try Pipe.make()
        let reader = SharedFD(pipe.takeReader())
        // What debootstrap says on its output is meant for people.
        let output = tool.kind == .mmdebstrap ? SharedFD(pipe.takeWriter()) : messages
        let process = try await tool.start(
            arguments,
            in: folder,
            epoch: epoch,
            output: output,
            messages: messages,
            lock: lock
        )
        return (process, BootstrapOutput(reader))
    }

    /// Signals that end us end the tool, which then removes what it made.
    private func outcome(of process: ProcessFD, _ log: FilePath) async -> Result<Void, any Error> {
        do {
            let signals = try Signals.stream([SIGINT, SIGTERM, SIGHUP])
            let forwarding = Task {
                for await signal in signals { BootstrapTool.signal(process, signal) }
            }
            // Ends with the process.
            defer { forwarding.cancel() }
            let status = try await process.exitStatus()
            guard status != .exited(code: 0) else { return .success(()) }
            var text = "\(tool.kind.rawValue) failed with exit code \(status.code)"
            if isQuiet {
                let lines = String(decoding: try readFile(log, limit: 64 << 20), as: UTF8.self)
                    .split(whereSeparator: \.isNewline).suffix(10)
                text += ":\n" + lines.joined(separator: "\n")
            } else {
                text += "; it says why above"
            }
            return .failure(Failure(text))
        } catch {
            return .failure(error)
        }
    }

    /// Removes what debootstrap leaves and an image does not need.
    private func tidy(_ root: FilePath) throws {
        for path in ["var/cache/apt", "var/lib/apt/lists", "var/log/bootstrap.log"] {
            try removeTree(root.pushing(FilePath(path)))
        }
        for path in ["var/cache/apt/archives/partial", "var/lib/apt/lists/partial"] {
            try makeDirectories(root.pushing(FilePath(path)), mode: 0o755)
        }
        // It copies these two from this machine.
        for name in ["hostname", "resolv.conf"] {
            try atomicWrite([], to: root.appending("etc").appending(name), mode: 0o644)
        }
    }

    /// Writes the folder down as a tar in its one form.
    private func pack(_ root: FilePath, as tar: FilePath) async throws {
        let engine = session.engine
        let output = try ArchiveOutput(tar.string, doing: "write")
        try await output.fill {
            try await engine.writeTree(below: root, to: output.write)
        }
    }

    private func add(_ tar: any ByteSource, epoch: Int64) async throws -> ImageRecord {
        let text = "\(recipe.distribution.rawValue):\(recipe.suite)"
        var request = ImportRequest(comment: "Bootstrapped \(text) with \(tool.kind.rawValue)")
        request.created = Timestamp(nanoseconds: epoch * 1_000_000_000)
        request.configuration.platform = platform
        request.configuration.config.command = ["bash"]
        request.configuration.config.environment = [
            "PATH=\(ProcessSpec.defaultPath)"
        ]
        request.configuration.config.labels = [
            "org.opencontainers.image.title": recipe.distribution.rawValue,
            "org.opencontainers.image.version": recipe.suite,
            "org.opencontainers.image.source": recipe.mirror,
            "io.berth.bootstrap.tool": tool.kind.rawValue,
            "io.berth.bootstrap.variant": recipe.variant,
        ]
        if !recipe.include.isEmpty {
            request.configuration.config.labels["io.berth.bootstrap.include"] =
                recipe.include.joined(separator: ",")
        }
        request.name = names.first
        let image = try await session.engine.importImage(
            from: tar,
            subject: text,
            request
        )
        for name in names.dropFirst() { try await session.engine.tagImage(image, as: name) }
        return image
    }
}
