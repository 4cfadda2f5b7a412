import ContainerRuntime
import GRDB
import Glibc
import Linux
import SystemPackage

/// What Docker's driver `local` makes of its options `type`, `o` and `device`: a folder of the host in
/// the place of a folder of ours, or a file system that is mounted there while containers have it.
enum LocalVolume: Hashable, Sendable {
    /// Without options.
    case ours
    case folder(FilePath, readOnly: Bool)
    case fileSystem(type: String, device: String, options: [String])

    /// Reads them.
    /// - Throws: the reason why nothing can be made of them.
    init(_ options: [String: String]) throws(Mistake) {
        if options.isEmpty {
            self = .ours
            return
        }
        let known = ["type", "o", "device"]
        if let key = options.keys.sorted().first(where: { !known.contains($0) }) {
            throw Mistake(
                key == "size"
                    ? "quota size requested but no quota support"
                    : "invalid option: \"\(key)\""
            )
        }
        let type = options["type"] ?? ""
        let device = options["device"] ?? ""
        let list = (options["o"] ?? "").split(separator: ",").map(String.init)
        if type.isEmpty { throw Mistake("missing required option: \"type\"") }
        if device.isEmpty { throw Mistake("missing required option: \"device\"") }
        guard list.contains(where: { ["bind", "rbind"].contains($0) }) else {
            self = .fileSystem(type: type, device: device, options: list)
            return
        }
        guard device.hasPrefix("/") else {
            throw Mistake("the device `\(device)` is not an absolute path")
        }
        self = .folder(FilePath(device), readOnly: list.contains("ro"))
    }

    /// Why options mean nothing.
    struct Mistake: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) { self.description = description }
    }
}

extension Engine {
    /// What a container sees of a volume, made or mounted when it is not there.
    func place(ofVolume name: String, _ options: [String: String]) throws -> FilePath {
        let attempt = "cannot use volume `\(name)`"
        let kind: LocalVolume
        do throws(LocalVolume.Mistake) { kind = try LocalVolume(options) } catch {
            throw EngineError(.invalid, attempt, because: "\(error)")
        }
        switch kind {
        case .ours: return try makeFolder(ofVolume: name)
        case .folder(let path, _):
            guard Layout.exists(path) else {
                throw EngineError(
                    .failed,
                    attempt,
                    because: "failed to mount local volume: its device \(path) does not exist",
                    remedy: "make that folder, or correct `driver_opts.device`"
                )
            }
            return path
        case .fileSystem(let type, let device, let options):
            let data = try makeFolder(ofVolume: name)
            let lock = data.removingLastComponent().appending(".mount.lock")
            let held = try FileLock.wait(lock)
            defer { withExtendedLifetime(held) {} }
            if try Mount.isRoot(data) { return data }
            let remote = RemoteVolume(type: type, device: device, options: options)
            let options = try remote.resolved(for: attempt)
            let words = MountOptions(options)
            do throws(SyscallError) {
                try Mount.mount(device, type: type, at: data, flags: words.flags, words.rest)
            } catch {
                let shown = MountOptions(options.map(RemoteVolume.masked)).rest
                // As Go has the words of the kernel.
                let reason = error.reason.prefix(1).lowercased() + error.reason.dropFirst()
                throw EngineError(
                    .failed,
                    attempt,
                    because: "failed to mount local volume: mount \(device):\(data)"
                        + (shown.isEmpty ? "" : ", data: \(shown)") + ": \(reason)",
                    remedy: error.errno == ENODEV
                        ? "this kernel has no file system `\(type)`: load its module, or use "
                            + "another type" : nil
                )
            }
            return data
        }
    }

    /// Takes the file systems of volumes off that no container which runs has; what is on them that
    /// is memory is gone then, as with Docker.
    func unmountVolumes(of ids: [ContainerID]) async throws {
        let names = try await store.read { db in
            try ids.flatMap { id in
                try db.texts(
                    """
                    SELECT volume FROM volumeUses AS mine JOIN volumes ON volumes.name = volume
                    WHERE container = ? AND driverOptions <> '{}' AND NOT EXISTS (
                        SELECT 1 FROM volumeUses AS other
                        JOIN containers ON containers.id = other.container
                        WHERE other.volume = mine.volume AND other.container <> mine.container
                        AND containers.status = 'running')
                    """,
                    [id.text]
                )
            }
        }
        for name in Set(names) { try unmountVolume(name) }
    }

    /// What is not mounted is no error.
    func unmountVolume(_ name: String) throws(SyscallError) {
        while try Mount.detach(layout.volumeData(name)) {}
    }
}

/// Options of mount(8): flags of mount(2), and what the file system reads itself.
struct MountOptions {
    private(set) var flags: UInt = 0
    private(set) var rest = ""

    init(_ words: [String]) {
        var others: [String] = []
        for word in words {
            if let flag = Self.known[word] {
                flags = flag.isSet ? flags | flag.bit : flags & ~flag.bit
            } else if !["defaults", "rw", "_netdev", "auto", "noauto"].contains(word) {
                others.append(word)
            }
        }
        rest = others.joined(separator: ",")
    }

    private static let known: [String: (bit: UInt, isSet: Bool)] = [
        "ro": (UInt(MS_RDONLY), true), "nosuid": (UInt(MS_NOSUID), true),
        "suid": (UInt(MS_NOSUID), false), "nodev": (UInt(MS_NODEV), true),
        "dev": (UInt(MS_NODEV), false), "noexec": (UInt(MS_NOEXEC), true),
        "exec": (UInt(MS_NOEXEC), false), "sync": (UInt(MS_SYNCHRONOUS), true),
        "async": (UInt(MS_SYNCHRONOUS), false), "dirsync": (UInt(MS_DIRSYNC), true),
        "noatime": (UInt(MS_NOATIME), true), "atime": (UInt(MS_NOATIME), false),
        "nodiratime": (UInt(MS_NODIRATIME), true), "relatime": (UInt(MS_RELATIME), true),
        "strictatime": (UInt(MS_STRICTATIME), true), "mand": (UInt(MS_MANDLOCK), true),
    ]
}
