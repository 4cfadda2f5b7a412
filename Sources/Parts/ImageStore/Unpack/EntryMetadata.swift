import Glibc
import Linux

/// Sets owners, modes, attributes and times, with as few calls as do.
struct EntryMetadata {
    /// Whether the process' umask is 0, so that what is made has the mode it was made with.
    let isUmaskClear: Bool
    /// What is made belongs to them.
    private let owner = geteuid()
    private let group = getegid()

    init(isUmaskClear: Bool) { self.isUmaskClear = isUmaskClear }

    /// The mode to make a file or directory with: final where that is possible.
    func creationMode(_ entry: TarEntry) -> mode_t { isUmaskClear ? entry.mode & 0o777 : 0o700 }

    /// Finishes a file that was just made.
    func finish(_ file: SharedFD, _ entry: TarEntry) throws {
        let (owner, group) = try entry.ids()
        let isOthers = owner != self.owner || group != self.group
        let time = entry.time
        try file.with { file throws(SyscallError) in
            if isOthers { _ = try syscall("chown") { fchown(file, owner, group) } }
            // Changing the owner clears what is above the low bits; so may writing.
            if !isUmaskClear || entry.mode & 0o7000 != 0 {
                _ = try syscall("chmod") { fchmod(file, entry.mode) }
            }
        }
        try setAttributes(of: file, entry)
        let times = [time, time]
        try file.with { file throws(SyscallError) in
            _ = try syscall("utimens") { futimens(file, times) }
        }
    }

    /// Finishes a directory, link or node that was just made under a name.
    func finish(_ name: [CChar], in folder: LayerFolder, _ entry: TarEntry) throws {
        let (owner, group) = try entry.ids()
        if owner != self.owner || group != self.group {
            try folder.setOwner(of: name, owner, group)
        }
        switch entry.kind {
        case .symbolicLink: break
        case .directory:
            if !isUmaskClear || entry.mode & 0o7000 != 0 {
                try folder.setMode(of: name, entry.mode)
            }
        default: try folder.setMode(of: name, entry.mode)
        }
        try folder.setTimes(of: name, entry.time)
    }

    /// Gives an open directory everything an entry says about it, whatever it had.
    ///
    /// Owner first: changing it clears setuid and capabilities.
    func setAll(of folder: LayerFolder, _ entry: TarEntry) throws {
        let (owner, group) = try entry.ids()
        try folder.fd.with { fd throws(SyscallError) in
            _ = try syscall("chown") { fchown(fd, owner, group) }
            _ = try syscall("chmod") { fchmod(fd, entry.mode) }
        }
        try setAttributes(of: folder.fd, entry)
        folder.times = entry.time
        try folder.restoreTimes()
    }

    private func setAttributes(of file: SharedFD, _ entry: TarEntry) throws(SyscallError) {
        for (name, value) in entry.attributes where LayerAttributes.isKept(name) {
            do throws(SyscallError) {
                try file.setExtendedAttribute(name, to: value, subject: "")
            } catch {
                guard error.errno == ENOTSUP else { throw error }
                // A file system without attributes: the image works, its capabilities do not.
            }
        }
    }
}

extension TarEntry {
    /// Owner and group as the kernel's ids; -1, which the kernel reads as "leave it", is not valid.
    func ids() throws(EntryPath.Refusal) -> (owner: uid_t, group: gid_t) {
        guard let owner = uid_t(exactly: owner), let group = gid_t(exactly: group), owner != .max,
            group != .max
        else { throw EntryPath.Refusal(reason: "owner \(owner):\(group) is not a valid id") }
        return (owner, group)
    }

    var time: timespec { timespec(tv_sec: modified.seconds, tv_nsec: modified.nanoseconds) }
}
