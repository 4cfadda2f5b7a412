import Glibc
import ImageStore
import Linux
import Registry
import SystemPackage

/// Where an archive comes from: a file, stdin or an address.
enum ArchiveInput {
    /// What a command is told to import: `-` is stdin, which must not be a terminal. With the name that
    /// messages give it.
    static func named(_ source: String) throws -> (content: FileSource, subject: String) {
        guard source == "-" else { return (try file(source), source) }
        guard isatty(STDIN_FILENO) == 0 else {
            throw Failure("requested import from stdin, but stdin is a terminal")
        }
        return (try standardInput(), "standard input")
    }

    /// Stdin, as a source that is waited for on the calling thread.
    ///
    /// - Throws: when it is a device: what has no end would fill the disk.
    static func standardInput() throws -> FileSource {
        var status = stat()
        if fstat(STDIN_FILENO, &status) == 0 { try refuseDevice("standard input", status) }
        return FileSource(SharedFD(taking: dup(STDIN_FILENO)), subject: "standard input")
    }

    /// A file to be read from its start; a folder is refused, and what has no end.
    static func file(_ path: String) throws -> FileSource {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw Failure("open \(path): \(String(cString: strerror(errno)).lowercased())")
        }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw Failure("\(path) is a directory: a tar archive is wanted")
        }
        try refuseDevice(path, status)
        guard status.st_mode & S_IFMT == S_IFREG else { return try FileSource(FilePath(path)) }
        let file = SharedFD(try openFile(FilePath(path), O_RDONLY | O_NONBLOCK))
        return FileSource(file, subject: path, isFile: true)
    }

    /// What /dev/null holds is nothing, and has an end.
    private static func refuseDevice(_ path: String, _ status: stat) throws {
        let isNull = status.st_mode & S_IFMT == S_IFCHR && status.st_rdev == nullDevice
        guard [S_IFCHR, S_IFBLK].contains(status.st_mode & S_IFMT), !isNull else { return }
        throw Failure("\(path) is a device: a tar archive is wanted, in a file or from a pipe")
    }

    /// makedev(3) of 1 and 3.
    private static let nullDevice: dev_t = 1 << 8 | 3

    /// Downloads an address while `body` reads it on a thread of its own. What stops `body` stops
    /// the download.
    static func download<R: Sendable>(
        _ address: String,
        _ body: @escaping @Sendable (any ByteSource) async throws -> R
    ) async throws -> R {
        let queue = ChunkQueue()
        return try await withThrowingTaskGroup(of: R?.self) { group in
            group.addTask {
                // However it ends, nobody reads any more.
                defer { queue.close() }
                return try await body(queue)
            }
            do {
                try await FileDownload.get(
                    address,
                    proxies: ProxySettings(environment: Machine.environment())
                ) { try await queue.send($0) }
                queue.finish()
            } catch is ChunkQueue.Closed {
                // The reader has failed and says why, below.
            } catch {
                queue.finish(.failure(error))
            }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }
}
