import CLinux
import Glibc
import Linux
import SystemPackage

/// `/etc/passwd` or `/etc/group` of a container: hostile input, of which no more than a piece is in
/// memory, and of which no more is read than is needed.
struct AccountFile: Sendable {
    private let path: FilePath
    private let content: Content

    private enum Content: Sendable {
        case bytes([UInt8])
        case file(SharedFD)
    }

    static let fileLimit = 16 << 20
    static let lineLimit = 64 << 10
    static let entryLimit = 100_000
    private static let pieceSize = 64 << 10

    /// A missing file has no entries.
    init(_ path: FilePath, beneath root: Root) throws(RuntimeError) {
        self.path = path
        let file: SharedFD?
        do throws(SyscallError) {
            if let opened = try root.openRegular(path) {
                file = SharedFD(opened)
            } else {
                file = nil
            }
        } catch {
            throw Self.unreadable(
                path,
                error.errno == EINVAL ? "it is not a regular file" : error.reason
            )
        }
        content = file.map { .file($0) } ?? .bytes([])
        guard let file else { return }
        var status = stat()
        let isKnown = file.with { fstat($0, &status) == 0 }
        guard isKnown, status.st_size <= Self.fileLimit else { throw tooLarge }
    }

    init(_ path: FilePath, holding bytes: [UInt8]) {
        self.path = path
        content = .bytes(bytes)
    }

    /// Gives the fields of each line that is not empty, until `body` returns false or a limit is
    /// passed, which is an error.
    func forEachEntry(_ body: ([ArraySlice<UInt8>]) -> Bool) throws(RuntimeError) {
        var entries = 0
        try forEachLine { line throws(RuntimeError) in
            guard !line.isEmpty else { return true }
            entries += 1
            guard entries <= Self.entryLimit, line.count <= Self.lineLimit else {
                throw tooManyLines
            }
            return body(line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false))
        }
    }

    private func forEachLine(
        _ body: (ArraySlice<UInt8>) throws(RuntimeError) -> Bool
    ) throws(RuntimeError) {
        var offset = 0
        // The beginning of a line whose end is in a later piece.
        var begun: [UInt8] = []
        while case let piece = try piece(at: offset), !piece.isEmpty {
            offset += piece.count
            // It may grow while it is read.
            guard offset <= Self.fileLimit else { throw tooLarge }
            var rest = piece
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = begun.isEmpty ? rest[..<end] : (begun + rest[..<end])[...]
                begun = []
                rest = rest[(end + 1)...]
                guard try body(line) else { return }
            }
            begun += rest
            guard begun.count <= Self.lineLimit else { throw tooManyLines }
        }
        _ = try body(begun[...])
    }

    private func piece(at offset: Int) throws(RuntimeError) -> ArraySlice<UInt8> {
        switch content {
        case .bytes(let bytes):
            return bytes[min(offset, bytes.count)..<min(offset + Self.pieceSize, bytes.count)]
        case .file(let file):
            do throws(SyscallError) {
                return try file.with { fd throws(SyscallError) in
                    var buffer = [UInt8](repeating: 0, count: Self.pieceSize)
                    let count = try syscall("read", on: path.string) {
                        pread(fd, &buffer, buffer.count, off_t(offset))
                    }
                    return buffer[..<count]
                }
            } catch {
                throw Self.unreadable(path, error.reason)
            }
        }
    }

    private var tooLarge: RuntimeError {
        Self.unreadable(path, "it is larger than \(Self.fileLimit >> 20) MiB")
    }

    private var tooManyLines: RuntimeError {
        RuntimeError(
            container: "",
            message: "the container's \(path) has too many or too long lines"
        )
    }

    private static func unreadable(_ path: FilePath, _ reason: String) -> RuntimeError {
        RuntimeError(container: "", message: "cannot read the container's \(path): \(reason)")
    }
}
