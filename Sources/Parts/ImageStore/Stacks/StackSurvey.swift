import Glibc
import Linux
import OCI
import SystemPackage

/// Looks through a stack of layers as overlay would, for the metadata of directories.
struct StackSurvey {
    private struct Layer {
        var root: SharedFD
        var implied: Set<EntryPath>
    }

    /// A directory as one layer has it.
    private struct Folder {
        var fd: SharedFD
        var status: stat
    }

    private enum Sight {
        case absent
        /// Hidden here, with everything below.
        case end
        /// `isLast`: the layers below do not shine through.
        case folder(Folder, isLast: Bool)
    }

    /// Top first.
    private let layers: [Layer]
    private let subject = "stack of layers"

    init(_ layers: [(diffID: Digest, implied: [EntryPath])], in store: ImageStore) throws {
        self.layers = try layers.map { diffID, implied in
            let path = store.layerPath(diffID)
            return Layer(
                root: SharedFD(try openFile(path, O_RDONLY | O_DIRECTORY)),
                implied: Set(implied)
            )
        }
    }

    /// Makes a directory tree that, laid on top, gives directories the metadata they should have.
    /// False, and nothing is made, when they have it already.
    func writeCorrections(to path: FilePath) throws -> Bool {
        let candidates = layers.reduce(into: Set()) { $0.formUnion($1.implied) }
        var wrong: Set<EntryPath> = []
        for candidate in candidates where try isWrong(candidate) {
            var path = candidate
            while wrong.insert(path).inserted, !path.isRoot { path = path.parent }
        }
        guard !wrong.isEmpty else { return false }
        wrong.insert(.root)
        try makeDirectories(path)
        let folders = LayerFolders(
            SharedFD(try openFile(path, O_RDONLY | O_DIRECTORY)),
            name: subject
        )
        // Shorter than what is in it is every directory.
        let ordered = wrong.sorted { $0.bytes.count < $1.bytes.count }
        for path in ordered { _ = try folders.open(path) }
        for path in ordered.reversed() {
            guard let right = try find(path).right else { continue }
            try folders.openExisting(path).copyMetadata(from: right.fd, right.status)
        }
        return true
    }

    private func isWrong(_ path: EntryPath) throws -> Bool {
        let (seen, right) = try find(path)
        guard let seen, let right else { return false }
        return try seen.status.st_mode != right.status.st_mode
            || seen.status.st_uid != right.status.st_uid
            || seen.status.st_gid != right.status.st_gid
            || seen.status.st_mtim.tv_sec != right.status.st_mtim.tv_sec
            || seen.status.st_mtim.tv_nsec != right.status.st_mtim.tv_nsec
            || attributes(of: seen) != attributes(of: right)
    }

    /// What overlay shows of a directory, and the highest layer's that describes it (or, where none
    /// does, what is shown).
    private func find(_ path: EntryPath) throws -> (seen: Folder?, right: Folder?) {
        var seen: Folder?
        for layer in layers {
            switch try look(path, in: layer) {
            case .absent: continue
            case .end: return (seen, seen)
            case .folder(let folder, let isLast):
                if seen == nil { seen = folder }
                if !layer.implied.contains(path) { return (seen, folder) }
                if isLast { return (seen, seen) }
            }
        }
        return (seen, seen)
    }

    /// Component by component, following no link.
    private func look(_ path: EntryPath, in layer: Layer) throws(SyscallError) -> Sight {
        var current = layer.root
        var isLast = false
        for name in path.components {
            do throws(SyscallError) {
                let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
                current = SharedFD(
                    taking: try current.with { fd throws(SyscallError) in
                        try syscall("open", on: subject) { openat(fd, name, flags) }
                    }
                )
            } catch {
                switch error.errno {
                case ENOENT: return isLast ? .end : .absent
                case ENOTDIR, ELOOP: return .end
                default: throw error
                }
            }
            if try isOpaque(current) { isLast = true }
        }
        var status = stat()
        try current.with { fd throws(SyscallError) in
            _ = try syscall("stat", on: subject) { fstat(fd, &status) }
        }
        return .folder(Folder(fd: current, status: status), isLast: isLast)
    }

    private func isOpaque(_ folder: SharedFD) throws(SyscallError) -> Bool {
        let names = try folder.extendedAttributeNames(subject: subject)
        return names.contains("trusted.overlay.opaque")
    }

    private func attributes(of folder: Folder) throws(SyscallError) -> [String: [UInt8]] {
        var result: [String: [UInt8]] = [:]
        for name in try folder.fd.extendedAttributeNames(subject: subject)
        where LayerAttributes.isKept(name) {
            result[name] = try folder.fd.extendedAttribute(name, subject: subject)
        }
        return result
    }
}

extension LayerFolder {
    /// Takes owner, mode, times and attributes from another directory.
    fileprivate func copyMetadata(from other: SharedFD, _ status: stat) throws {
        var entry = TarEntry(
            name: [],
            kind: .directory,
            mode: status.st_mode & 0o7777,
            owner: Int64(status.st_uid),
            group: Int64(status.st_gid),
            modified: (status.st_mtim.tv_sec, status.st_mtim.tv_nsec),
            size: 0,
            attributes: []
        )
        for name in try other.extendedAttributeNames(subject: "layer")
        where LayerAttributes.isKept(name) {
            entry.attributes.append((name, try other.extendedAttribute(name, subject: "layer")))
        }
        try EntryMetadata(isUmaskClear: false).setAll(of: self, entry)
    }
}
