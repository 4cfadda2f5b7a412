import Glibc

/// The files of this machine.
package struct LocalFiles: FileReader {
    /// More than this is refused: no compose or env file is that long.
    private static let sizeLimit = 64 << 20

    package init() {}

    package func kind(of path: String) -> FileKind? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        default: return .other
        }
    }

    package func read(_ path: String) throws(FileReadError) -> [UInt8] {
        let isStandardInput = path == "-"
        let descriptor = isStandardInput ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileReadError(reason: Self.words(errno)) }
        defer { if !isStandardInput { close(descriptor) } }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileReadError(reason: Self.words(errno))
            }
            guard bytes.count + count <= Self.sizeLimit else {
                throw FileReadError(reason: "larger than \(Self.sizeLimit >> 20) MiB")
            }
            bytes += chunk[..<count]
        }
    }

    package func homeDirectory(ofUser name: String) -> String? {
        var record = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        guard getpwnam_r(name, &record, &buffer, buffer.count, &found) == 0, found != nil,
            let home = record.pw_dir
        else { return nil }
        return String(cString: home)
    }

    /// `No such file or directory` without the capital: it stands after a colon.
    private static func words(_ number: CInt) -> String {
        let text = String(cString: strerror(number))
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
