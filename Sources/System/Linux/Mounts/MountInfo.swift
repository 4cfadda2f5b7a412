import SystemPackage

/// One mount of a mount namespace: a line of `/proc/<pid>/mountinfo`. proc(5)
package struct MountInfo: Hashable, Sendable {
    package var id: Int
    package var parent: Int
    /// `major:minor` of its file system.
    package var device: String
    /// The path inside its file system that is mounted.
    package var root: String
    package var mountPoint: String
    package var options: [String]
    /// Propagation and peer groups (`shared:12`).
    package var optionalFields: [String]
    package var fileSystemType: String
    package var source: String
    package var superOptions: [String]

    /// The mounts this process sees.
    package static func current() throws(SyscallError) -> [MountInfo] {
        parse(try readFile("/proc/thread-self/mountinfo", limit: 64 << 20))
    }

    /// Reads the whole file; lines of another form are left out.
    package static func parse(_ bytes: [UInt8]) -> [MountInfo] {
        bytes.split(separator: UInt8(ascii: "\n")).compactMap { MountInfo(line: $0) }
    }

    private init?(line: ArraySlice<UInt8>) {
        let fields = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard let separator = fields.dropFirst(6).firstIndex(of: [UInt8(ascii: "-")]),
            fields.count >= separator + 4,
            let id = Int(Self.text(fields[0])), let parent = Int(Self.text(fields[1]))
        else { return nil }
        self.id = id
        self.parent = parent
        device = Self.text(fields[2])
        root = Self.text(fields[3])
        mountPoint = Self.text(fields[4])
        options = Self.list(fields[5])
        optionalFields = fields[6..<separator].map(Self.text)
        fileSystemType = Self.text(fields[separator + 1])
        source = Self.text(fields[separator + 2])
        superOptions = Self.list(fields[separator + 3])
    }

    private static func list(_ field: ArraySlice<UInt8>) -> [String] {
        field.split(separator: UInt8(ascii: ",")).map(text)
    }

    /// Undoes the kernel's `\040` for bytes that would break the line.
    private static func text(_ field: ArraySlice<UInt8>) -> String {
        guard field.contains(UInt8(ascii: "\\")) else {
            return String(decoding: field, as: UTF8.self)
        }
        var bytes: [UInt8] = []
        var rest = field
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
