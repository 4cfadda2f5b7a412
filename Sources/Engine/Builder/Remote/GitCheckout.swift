import Glibc
import Linux
import SystemPackage

/// Gets the files of one repository at one commit, in a folder of the build.
///
/// git runs with settings of ours alone and can write to that folder only. What it checks out is
/// not trusted: it is read as any context is, so that no link leads out.
struct GitCheckout: Sendable {
    let reference: GitReference
    let access: GitAccess
    /// Empty; `tree` in it is the result.
    let folder: FilePath
    /// Of `GIT_AUTH_HEADER` or `GIT_AUTH_TOKEN`.
    var authorization: String?
    /// The build's: its folder stays as long as git runs, though we may be killed.
    let lock: SharedFD
    /// Whether credentials may be given as secrets of the build, which is said where some are missing.
    var takesSecrets = true

    private var tree: FilePath { folder.appending("tree") }

    /// The commit that the reference stands for now.
    func resolve() async throws -> String {
        if let commit = reference.commit { return try checked(commit) }
        try await prepare()
        let wanted = reference.reference ?? "HEAD"
        var patterns = [wanted]
        if reference.reference != nil, !wanted.hasPrefix("refs/") {
            patterns += ["refs/heads/\(wanted)", "refs/tags/\(wanted)"]
        }
        // The commit that an annotated tag names is what is checked out.
        let all = patterns + patterns.map { $0 + "^{}" }
        let output = try await git(["ls-remote", "--", reference.remote] + all, in: folder)
        var found: [String: String] = [:]
        for line in output.split(separator: "\n") {
            let parts = line.splitAtBlanks()
            if parts.count == 2 { found[parts[1]] = parts[0] }
        }
        for name in patterns {
            guard let commit = found[name + "^{}"] ?? found[name] else { continue }
            return try checked(commit)
        }
        throw InstructionError(
            "repository does not contain ref \(wanted): \(reference.shown); name a branch, a tag, "
                + "or a commit with all of its digits"
        )
    }

    private func checked(_ commit: String) throws -> String {
        guard let checksum = reference.checksum, !commit.hasPrefix(checksum.lowercased()) else {
            return commit
        }
        throw InstructionError("expected checksum to match \(checksum), got \(commit)")
    }

    /// Checks a commit out and gives the folder that the reference means.
    func files(of commit: String) async throws -> FilePath {
        try await prepare()
        _ = try await git(["init", "--quiet", "--template=", "tree"], in: folder)
        _ = try await git(["config", "remote.origin.url", reference.remote], in: tree)
        try await fetch(commit)
        _ = try await git(["checkout", "--quiet", "--force", "--detach", commit], in: tree)
        if reference.takesSubmodules, hasSubmodules {
            _ = try await git(
                ["submodule", "--quiet", "update", "--init", "--recursive", "--depth=1"],
                in: tree
            )
        }
        let (reference, tree) = (reference, tree)
        return try await blocking { () throws(any Error) in
            if !reference.keepsGitFolder { try Self.removeGitFolders(below: tree) }
            guard let name = reference.folder else { return tree }
            do throws(SyscallError) {
                // Opened without links: the path is used by its name later.
                _ = try Root(tree).open(FilePath(name), O_RDONLY | O_DIRECTORY, links: .refused)
            } catch {
                throw InstructionError(
                    "\(reference.shown): the repository has no folder \(name): \(error.reason)"
                )
            }
            return tree.pushing(FilePath(name))
        }
    }

    private var hasSubmodules: Bool {
        // A link of that name is none: git reads no other file by it.
        var status = stat()
        return tree.appending(".gitmodules").withPlatformString { lstat($0, &status) } == 0
            && status.st_mode & S_IFMT == S_IFREG
    }

    /// The commit alone; where the server gives no single commits, everything.
    private func fetch(_ commit: String) async throws {
        let common = ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules"]
        do {
            _ = try await git(common + ["--depth=1", "origin", commit], in: tree)
        } catch is InstructionError {
            let everything = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]
            _ = try await git(common + ["--force", "origin"] + everything, in: tree)
        }
    }

    private func prepare() async throws {
        let folder = folder
        try await blocking { () throws(SyscallError) in try makeDirectories(folder) }
    }

    /// `.git` of the repository and of its submodules; nothing else in a tree has that name.
    private static func removeGitFolders(below folder: FilePath) throws(SyscallError) {
        var pending = [folder]
        while let folder = pending.popLast() {
            for name in try openFile(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW).entryNames() {
                let path = folder.appending(name)
                if name == ".git" {
                    try removeTree(path)
                    continue
                }
                var status = stat()
                _ = try syscall("stat", on: path.string) {
                    path.withPlatformString { lstat($0, &status) }
                }
                if status.st_mode & S_IFMT == S_IFDIR { pending.append(path) }
            }
        }
    }
}

extension GitCheckout {
    /// What git may say; what it has to say about is on the disk.
    private static let outputLimit = 16 << 20

    /// Runs git to its end and gives what it wrote.
    private func git(_ arguments: [String], in place: FilePath) async throws -> String {
        let output = folder.appending("output")
        let messages = folder.appending("messages")
        let flags = O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW
        var request = SpawnRequest(program: access.program, arguments: ["git"] + arguments)
        request.environment = access.variables(
            authorization: authorization.flatMap { header in
                reference.webHost.map { (host: $0, header: header) }
            },
            home: folder
        )
        request.descriptors = [
            1: SharedFD(try openFile(output, flags, mode: 0o600)),
            2: SharedFD(try openFile(messages, flags, mode: 0o600)),
            3: lock,
        ]
        request.startsSession = true
        request.workingDirectory = place.string
        let (complete, folder) = (request, folder)
        let process = try await onOwnThread { () throws(SyscallError) -> ProcessFD in
            // Nobody else has the right to, nor the rights that are taken by it.
            if geteuid() == 0 { try MachineReadOnly.enterThread(but: folder) }
            // Files are 0644 or 0755, whatever the caller's mask.
            umask(0o022)
            return try spawn(complete)
        }
        let status = try await withTaskCancellationHandler {
            try await Task { try await process.exitStatus() }.value
        } onCancel: {
            // Its helpers, too. None left is what was wanted.
            _ = kill(-process.pid, SIGKILL)
        }
        try Task.checkCancellation()
        guard status == .exited(code: 0) else {
            throw InstructionError(
                "failed to fetch remote \(reference.shown): \(try reason(messages, status))"
            )
        }
        return String(decoding: try readFile(output, limit: Self.outputLimit), as: UTF8.self)
    }

    private func reason(_ messages: FilePath, _ status: ExitStatus) throws -> String {
        let text = String(decoding: try readFile(messages, limit: Self.outputLimit), as: UTF8.self)
        let lines = text.split(separator: "\n").suffix(6).joined(separator: "\n")
        var reason = lines.isEmpty ? "git ended with code \(status.code)" : String(lines)
        if let host = reference.webHost, text.contains("could not read Username") {
            reason +=
                takesSecrets
                ? "\ngive --secret id=GIT_AUTH_TOKEN (or GIT_AUTH_TOKEN.\(host)) for a repository "
                    + "that is not public"
                : "\nthis user's credentials are not used: clone the repository, and name the file"
        } else if text.contains("Host key verification failed") {
            reason += "\nmake the host known to this user: ssh-keyscan HOST >> ~/.ssh/known_hosts"
        } else if text.contains("Permission denied (publickey") {
            reason += "\ngive an agent that has the key: --ssh default, or SSH_AUTH_SOCK"
        }
        return reason
    }
}
