import CLinux
import Glibc
import Linux
import SystemPackage

/// Where an archive goes: a file, which appears whole or not at all, or stdout.
struct ArchiveOutput: Sendable {
    private let file: SharedFD
    private let target: (path: FilePath, temporary: FilePath)?

    /// Opens `path`, or stdout for nil and `-`: never a terminal, whose owner would not thank us.
    init(_ path: String?, doing verb: String) throws {
        guard let path, path != "-" else {
            guard !Terminal.isInteractive(.out) else {
                throw Failure(
                    "cowardly refusing to \(verb) to a terminal. Use the -o flag or redirect"
                )
            }
            file = SharedFD(taking: dup(STDOUT_FILENO))
            target = nil
            return
        }
        let place = FilePath(path)
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            let kind = status.st_mode & S_IFMT == S_IFDIR ? "directory" : "device"
            throw Failure(
                "invalid output path: \"\(path)\" must be a regular file, got a \(kind)"
            )
        }
        let folder = place.removingLastComponent()
        guard folder.isEmpty || access(folder.string, F_OK) == 0 else {
            throw Failure("invalid output path: directory \"\(folder)\" does not exist")
        }
        let name = place.lastComponent?.string ?? ""
        let temporary = folder.appending(".\(name).\(getpid()).tmp")
        target = (place, temporary)
        file = SharedFD(
            try openFile(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o600)
        )
    }

    /// Everything is written with this.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        try file.with { file in
            var written = 0
            while written < bytes.count {
                let count = Glibc.write(
                    file,
                    bytes.baseAddress?.advanced(by: written),
                    bytes.count - written
                )
                if count >= 0 {
                    written += count
                } else {
                    try wait(for: file, errno)
                }
            }
        }
    }

    private func wait(for file: CInt, _ code: CInt) throws {
        switch code {
        case EINTR: return
        case EAGAIN:
            var entry = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
            _ = poll(&entry, 1, -1)
        case EPIPE: throw Failure(silent: 141)
        default:
            let name = target.map { "\($0.path)" } ?? "standard output"
            throw SyscallError(call: "write", subject: name, errno: code)
        }
    }

    /// Does the writing; the file gets its name when all of it is there.
    func fill<R>(_ body: () async throws -> R) async throws -> R {
        do {
            let result = try await body()
            if let target {
                try file.with { fd throws(SyscallError) in
                    _ = try syscall("fsync", on: "\(target.path)") { fsync(fd) }
                }
                _ = try syscall("rename", on: "\(target.path)") {
                    rename(target.temporary.string, target.path.string)
                }
            }
            return result
        } catch {
            if let target { unlink(target.temporary.string) }
            throw error
        }
    }
}
