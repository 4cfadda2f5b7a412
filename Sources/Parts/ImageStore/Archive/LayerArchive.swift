import Glibc
import Linux
import OCI
import SystemPackage

/// Writes a layer's directory as its canonical tar: sorted by bytes, every directory before what is
/// in it, whiteouts before their siblings, nothing that differs between machines.
struct LayerArchive {
    private var writer: TarWriter
    private let hash = RunningDigest()
    private let subject: String
    /// Otherwise it is a plain tar, in which no name means a deletion.
    private let isLayer: Bool
    private let times: FileTimes
    /// Of the container whose files these are: the tar has the numbers that are known there.
    var shift = IdentifierShift()
    /// The first path of each file that has several.
    private var linked: [Inode: [UInt8]] = [:]

    private struct Inode: Hashable {
        var device: dev_t
        var number: ino_t
    }

    /// What the files written so far hold, each counted once.
    private(set) var contentBytes: Int64 = 0
    /// Whether the tar says something about the root itself: a plain one needs no words.
    private(set) var describesRoot = false

    private static let depthLimit = 1024

    /// A digest in the making that the sink's closure can share.
    private final class RunningDigest {
        var value = SHA256()
    }

    init(
        subject: String,
        isLayer: Bool = true,
        times: FileTimes = .kept,
        to sink: @escaping TarWriter.Sink = { _ in }
    ) {
        self.isLayer = isLayer
        self.times = times
        let hash = hash
        writer = TarWriter { bytes in
            hash.value.update(bytes)
            try sink(bytes)
        }
        self.subject = subject
    }

    /// Writes everything; digest and size of the tar.
    mutating func write(_ directory: SharedFD) throws -> (digest: Digest, size: Int64) {
        let status = try directory.with { fd throws(SyscallError) in
            var status = stat()
            _ = try syscall("stat", on: subject) { fstat(fd, &status) }
            return status
        }
        let attributes = try attributes(of: directory)
        let isPlain =
            status.st_mode & 0o7777 == 0o755 && status.st_uid == 0 && status.st_gid == 0
            && attributes.kept.isEmpty
        if !isPlain {
            var header = header(Array("./".utf8), .directory, status)
            header.attributes = attributes.kept
            try writer.write(header)
            describesRoot = true
        }
        try writeChildren(of: directory, below: [], depth: 0)
        try writer.finish()
        return (hash.value.finish(), writer.size)
    }

    /// Writes one thing of a folder, with everything in it, under a path.
    mutating func write(_ name: [CChar], of folder: SharedFD, as path: [UInt8]) throws {
        var status = stat()
        _ = try call(folder, "stat") { fstatat($0, name, &status, AT_SYMLINK_NOFOLLOW) }
        try writeEntry(name, status, in: folder, at: path, depth: 0)
        try writer.finish()
    }

    private mutating func writeChildren(of folder: SharedFD, below path: [UInt8], depth: Int) throws
    {
        guard depth < Self.depthLimit else { throw problem("nested too deeply", path) }
        var children: [(name: [CChar], status: stat)] = []
        for name in try names(in: folder) {
            var status = stat()
            _ = try call(folder, "stat") { fstatat($0, name, &status, AT_SYMLINK_NOFOLLOW) }
            if isLayer, Self.isWhiteout(status) {
                try writer.write(whiteout(of: Self.bytes(name), in: path))
            } else {
                children.append((name, status))
            }
        }
        for (name, status) in children {
            let bytes = Self.bytes(name)
            guard !isLayer || !bytes.starts(with: ".wh.".utf8) else {
                throw problem("names that begin with .wh. mean deletions in a layer", path + bytes)
            }
            try writeEntry(name, status, in: folder, at: path + bytes, depth: depth)
        }
    }

    private mutating func writeEntry(
        _ name: [CChar],
        _ status: stat,
        in folder: SharedFD,
        at path: [UInt8],
        depth: Int
    ) throws {
        let inode = Inode(device: status.st_dev, number: status.st_ino)
        if status.st_mode & S_IFMT != S_IFDIR, status.st_nlink > 1 {
            if let first = linked[inode] {
                var header = header(path, .hardLink, status)
                header.target = first
                return try writer.write(header)
            }
            linked[inode] = path
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: try writeFolder(name, status, in: folder, at: path, depth: depth)
        case S_IFREG: try writeFile(name, status, in: folder, at: path)
        case S_IFLNK:
            var header = header(path, .symbolicLink, status)
            header.target = try target(of: name, in: folder)
            contentBytes += Int64(header.target.count)
            try writer.write(header)
        case S_IFIFO: try writer.write(header(path, .fifo, status))
        case S_IFCHR: try writer.write(device(path, .character, status))
        case S_IFBLK: try writer.write(device(path, .block, status))
        default: break  // A socket: only its process could make it again.
        }
    }

    private mutating func writeFolder(
        _ name: [CChar],
        _ status: stat,
        in parent: SharedFD,
        at path: [UInt8],
        depth: Int
    ) throws {
        let folder = try open(name, in: parent, O_DIRECTORY)
        let attributes = try attributes(of: folder)
        guard !attributes.isRedirect else {
            throw problem("overlay has moved it (redirect_dir), which a layer cannot express", path)
        }
        let path = path + [UInt8(ascii: "/")]
        var header = header(path, .directory, status)
        header.attributes = attributes.kept
        try writer.write(header)
        if attributes.isOpaque { try writer.write(whiteout(of: Array(".wh..opq".utf8), in: path)) }
        try writeChildren(of: folder, below: path, depth: depth + 1)
    }

    private mutating func writeFile(
        _ name: [CChar],
        _ status: stat,
        in folder: SharedFD,
        at path: [UInt8]
    ) throws {
        // A container that runs may have put a device in its place since it was listed.
        let file = SharedFD(try folder.openRegular(name, subject: subject))
        let attributes = try attributes(of: file)
        guard !attributes.isMetacopy else {
            throw problem("overlay has kept only its metadata (metacopy)", path)
        }
        var header = header(path, .file, status)
        header.size = Int64(status.st_size)
        contentBytes += header.size
        header.attributes = attributes.kept
        try writer.write(header)
        var remaining = header.size
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
        defer { buffer.deallocate() }
        while remaining > 0 {
            let count = try call(file, "read") {
                read($0, buffer.baseAddress, min(buffer.count, Int(remaining)))
            }
            guard count > 0 else { throw problem("became shorter while it was read", path) }
            try writer.put(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            remaining -= Int64(count)
        }
        try writer.pad(header.size)
    }

    // MARK: Parts

    private func header(
        _ path: [UInt8],
        _ type: TarWriter.TypeFlag,
        _ status: stat
    ) -> TarWriter.Header {
        let owner = shift.inside(user: status.st_uid, group: status.st_gid)
        return TarWriter.Header(
            path: path,
            type: type,
            mode: status.st_mode & 0o7777,
            owner: owner.user,
            group: owner.group,
            modified: times.of(status.st_mtim.tv_sec)
        )
    }

    private func device(
        _ path: [UInt8],
        _ type: TarWriter.TypeFlag,
        _ status: stat
    ) -> TarWriter.Header {
        var header = header(path, type, status)
        header.device = DeviceNumber(packed: status.st_rdev)
        return header
    }

    private func whiteout(of name: [UInt8], in path: [UInt8]) -> TarWriter.Header {
        TarWriter.Header(path: path + Array(".wh.".utf8) + name, type: .file, mode: 0o600)
    }

    private static func isWhiteout(_ status: stat) -> Bool {
        status.st_mode & S_IFMT == S_IFCHR && status.st_rdev == 0
    }

    private static func bytes(_ name: [CChar]) -> [UInt8] {
        name.dropLast().map { UInt8(bitPattern: $0) }
    }

    private func problem(_ reason: String, _ path: [UInt8]) -> ImageStoreError {
        ImageStoreError(subject: subject, .entry(name: printable(path), reason: reason))
    }

    // MARK: Calls

    private func call<R: FixedWidthInteger & SignedInteger>(
        _ fd: SharedFD,
        _ name: String,
        _ body: (CInt) -> R
    ) throws(SyscallError) -> R {
        try fd.with { fd throws(SyscallError) in try syscall(name, on: subject) { body(fd) } }
    }

    private func open(
        _ name: [CChar],
        in folder: SharedFD,
        _ flags: CInt
    ) throws(SyscallError) -> SharedFD {
        // Not blocking: what was a file when it was listed could be a fifo by now.
        let flags = flags | O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
        return SharedFD(taking: try call(folder, "open") { openat($0, name, flags) })
    }

    private func target(of name: [CChar], in folder: SharedFD) throws(SyscallError) -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: 4097)
        let count = try call(folder, "readlink") { readlinkat($0, name, &buffer, buffer.count) }
        return buffer[..<count].map { UInt8(bitPattern: $0) }
    }

    /// Sorted by bytes.
    private func names(in folder: SharedFD) throws(SyscallError) -> [[CChar]] {
        let fd = try call(folder, "open") { openat($0, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard let stream = fdopendir(fd) else {
            let code = errno
            close(fd)
            throw SyscallError(call: "opendir", subject: subject, errno: code)
        }
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
                }
            }
            if name != [46, 0], name != [46, 46, 0] { names.append(name) }
        }
        return names.sorted { left, right in
            left.lazy.map { UInt8(bitPattern: $0) }
                .lexicographicallyPrecedes(right.lazy.map { UInt8(bitPattern: $0) })
        }
    }

    // MARK: Attributes

    private struct Attributes {
        var kept: [(name: String, value: [UInt8])] = []
        var isOpaque = false
        var isRedirect = false
        var isMetacopy = false
    }

    private func attributes(of fd: SharedFD) throws(SyscallError) -> Attributes {
        var result = Attributes()
        for name in try fd.extendedAttributeNames(subject: subject) {
            switch name {
            case "trusted.overlay.opaque":
                result.isOpaque =
                    try fd.extendedAttribute(name, subject: subject) == Array("y".utf8)
            case "trusted.overlay.redirect": result.isRedirect = true
            case "trusted.overlay.metacopy": result.isMetacopy = true
            case let name where LayerAttributes.isKept(name):
                let value = try fd.extendedAttribute(name, subject: subject)
                if let meant = shift.inside(name, value) { result.kept.append((name, meant)) }
            default: break
            }
        }
        return result
    }
}
