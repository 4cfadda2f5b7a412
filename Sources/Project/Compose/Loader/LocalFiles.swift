import Glibc

/// The files of this machine.
package struct LocalFiles: FileReader {
    /// More than this is refused: no compose or env file is that long.
    private static let sizeLimit = LoadLimits().fileBytes
    /// How long a named pipe may be without a writer.
    private static let pipeMilliseconds: CInt = 900

    /// Where artifacts of registries were put, by the words that name them: for loads in the task that
    /// has fetched them, and its children.
    @TaskLocal package static var artifacts: [String: String] = [:]

    package init() {}

    /// What was fetched for this task.
    package func place(ofArtifact reference: String) -> String? { Self.artifacts[reference] }

    /// What is at `path`, links followed; nil where nothing is or it cannot be looked at.
    package func kind(of path: String) -> FileKind? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        default: return .other
        }
    }

    /// What is in a folder but `.` and `..`; empty where it cannot be looked into.
    package func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The content of a file, of a pipe that somebody writes into, or of standard input (`-`).
    /// - Throws: a `FileReadError` that says why it cannot be read.
    package func read(_ path: String) throws(FileReadError) -> [UInt8] {
        if path == "-" { return try content(of: STDIN_FILENO) }
        var status = stat()
        guard stat(path, &status) == 0 else { throw FileReadError(reason: Self.words(errno)) }
        // Before it is opened: opening some devices does something.
        guard Self.isReadable(status) else {
            throw FileReadError(reason: "is a device, not a file")
        }
        let kind = status.st_mode & S_IFMT
        let isWaitedFor = kind == S_IFCHR
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | (isWaitedFor ? 0 : O_NONBLOCK))
        guard descriptor >= 0 else { throw FileReadError(reason: Self.words(errno)) }
        defer { close(descriptor) }
        return try content(
            of: descriptor,
            reserving: Int(status.st_size),
            isPipe: kind == S_IFIFO,
            isFile: kind == S_IFREG
        )
    }

    /// Everything but devices that are not a terminal or `/dev/null`.
    private static func isReadable(_ status: stat) -> Bool {
        switch status.st_mode & S_IFMT {
        case S_IFBLK: return false
        case S_IFCHR:
            // makedev(3): the low bytes of major and minor, which is all that these have.
            let (major, minor) = (status.st_rdev >> 8 & 0xFFF, status.st_rdev & 0xFF)
            let isTerminal = major == 4 || major == 5 || (136...143).contains(major)
            return isTerminal || (major == 1 && minor == 3)
        default: return true
        }
    }

    private func content(
        of descriptor: CInt,
        reserving count: Int = 0,
        isPipe: Bool = false,
        isFile: Bool = false
    ) throws(FileReadError) -> [UInt8] {
        guard count <= Self.sizeLimit else { throw Self.tooLarge }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count > 0 {
                guard bytes.count + count <= Self.sizeLimit else { throw Self.tooLarge }
                bytes += chunk[..<count]
            } else if count == 0 {
                if !isPipe || !bytes.isEmpty { return bytes }
                if try Self.hasEnded(descriptor) { return bytes }
            } else if errno == EAGAIN, isFile {
                // Of the kernel's, as /proc/kmsg.
                throw FileReadError(reason: "has nothing to read now, and no end")
            } else if errno == EAGAIN {
                // Somebody has it open to write, and takes the time it takes.
                var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                _ = poll(&polled, 1, -1)
            } else if errno != EINTR {
                throw FileReadError(reason: Self.words(errno))
            }
        }
    }

    /// Whether the writers of a pipe are gone; fails where none comes.
    private static func hasEnded(_ descriptor: CInt) throws(FileReadError) -> Bool {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, pipeMilliseconds) != 0 else {
            throw FileReadError(reason: "is a pipe that nothing writes into")
        }
        return polled.revents & Int16(POLLIN) == 0
    }

    private static let tooLarge = FileReadError(reason: "larger than \(sizeLimit >> 20) MiB")

    /// The home of a user of this machine, as `~name` means it (getpwnam(3)).
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
