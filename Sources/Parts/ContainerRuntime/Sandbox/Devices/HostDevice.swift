import CLinux
import Glibc
import Linux
import SystemPackage

/// A device of this machine, as its node says.
struct HostDevice: Hashable, Sendable {
    var path: String
    /// Never `all`.
    var kind: DeviceRule.Kind
    var major: UInt32
    var minor: UInt32
    /// Permission bits.
    var mode: UInt32
    var user: UInt32
    var group: UInt32

    /// Looks at a path of the host, through symbolic links: those of `/dev/serial/by-id` lead to
    /// devices, too. `attribute` is what asked for it.
    ///
    /// - Throws: `RuntimeError` without a container's name.
    init(at path: String, for attribute: String) throws(RuntimeError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            let error = SyscallError(call: "stat", subject: path, errno: errno)
            throw RuntimeError(
                container: "",
                message: "\(attribute): \(path): \(error.reason.lowercasedFirst)",
                hint: "name a device that is in /dev of this machine"
            )
        }
        guard let device = HostDevice(path, status) else {
            throw RuntimeError(
                container: "",
                message: "\(attribute): \(path) is not a device",
                hint: "mount files and folders under `volumes`"
            )
        }
        self = device
    }

    private init?(_ path: String, _ status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFCHR: kind = .character
        case S_IFBLK: kind = .block
        default: return nil
        }
        self.path = path
        // As makedev(3) has them in 64 bits.
        let number = UInt64(status.st_rdev)
        major = UInt32(truncatingIfNeeded: (number >> 8 & 0xFFF) | (number >> 32 & 0xFFFF_F000))
        minor = UInt32(truncatingIfNeeded: (number & 0xFF) | (number >> 12 & 0xFFFF_FF00))
        mode = status.st_mode & 0o7777
        user = status.st_uid
        group = status.st_gid
    }

    /// Whether a folder is at a path, through symbolic links.
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The devices below a folder, each with its path from there; links are not followed, and names
    /// that `isLeftOut` says are not entered.
    ///
    /// - Throws: `RuntimeError` without a container's name, for more than a `/dev` ever has.
    static func all(
        in folder: String,
        isLeftOut: (String) -> Bool = { _ in false }
    ) throws(RuntimeError) -> [(name: String, device: HostDevice)] {
        var found: [(String, HostDevice)] = []
        var folders = [""]
        while let prefix = folders.popLast() {
            let place = prefix.isEmpty ? folder : "\(folder)/\(prefix)"
            guard let stream = opendir(place) else { continue }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                let own = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                guard own != ".", own != ".." else { continue }
                let name = prefix.isEmpty ? own : "\(prefix)/\(own)"
                var status = stat()
                guard !isLeftOut(name), lstat("\(folder)/\(name)", &status) == 0 else { continue }
                if status.st_mode & S_IFMT == S_IFDIR { folders.append(name) }
                if let device = HostDevice("\(folder)/\(name)", status) {
                    found.append((name, device))
                }
            }
            guard found.count <= limit, folders.count <= limit else {
                throw RuntimeError(
                    container: "",
                    message: "devices: there are more than \(limit) in \(folder)",
                    hint: "name those that it needs"
                )
            }
        }
        return found.sorted { $0.0 < $1.0 }
    }

    private static let limit = 16_384
}
