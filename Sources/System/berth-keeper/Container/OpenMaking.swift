import CLinux

/// Opens a path beneath a root as programs in the container would see it, making what is missing of
/// it: directories, and a last component that is an empty file unless `isDirectory`. Where a
/// symbolic link leads to what is missing, that is made, beneath the root. -1 with errno.
func openMaking(_ root: CInt, _ path: CText, isDirectory: Bool) -> CInt {
    let existing = openInRoot(root, path, O_PATH)
    if existing >= 0 || berth_errno() != ENOENT { return existing }
    guard var walk = MakingWalk(root, path, isDirectory: isDirectory) else { return -1 }
    let opened = walk.open()
    let error = berth_errno()
    walk.free()
    berth_set_errno(error)
    return opened
}

/// Walks a path beneath a root name by name: the kernel follows no link to something that is to be
/// made. Links are read here and their texts walked, `..` goes one name back and not out of the root.
/// Whoever changes the tree meanwhile gains nothing: each call of the kernel begins at the root,
/// takes only names that were no links and fails at one that has become a link.
private struct MakingWalk {
    private let root: CInt
    private let isDirectory: Bool
    /// The names behind us, each after a slash; none of them was a link.
    private let done: UnsafeMutablePointer<CChar>
    private var doneCount = 0
    /// What is to be walked, from `next` on.
    private let rest: UnsafeMutablePointer<CChar>
    private var next: Int
    private var links = 0

    private static let slash = CChar(UInt8(ascii: "/"))
    private static let dot = CChar(UInt8(ascii: "."))
    private static let capacity = Int(PATH_MAX)
    /// As the kernel's, path_resolution(7).
    private static let linkLimit = 40

    /// nil with errno for a path that is too long.
    init?(_ root: CInt, _ path: CText, isDirectory: Bool) {
        let count = strlen(path)
        guard count < Self.capacity else {
            berth_set_errno(ENAMETOOLONG)
            return nil
        }
        self.root = root
        self.isDirectory = isDirectory
        done = .allocate(capacity: Self.capacity)
        done[0] = 0
        rest = .allocate(capacity: Self.capacity)
        next = Self.capacity - 1 - count
        memcpy(rest + next, path, count + 1)
    }

    func free() {
        done.deallocate()
        rest.deallocate()
    }

    /// -1 with errno.
    mutating func open() -> CInt {
        while true {
            while rest[next] == Self.slash { next += 1 }
            if rest[next] == 0 { return openDone(O_PATH) }
            var end = next
            while rest[end] != 0 && rest[end] != Self.slash { end += 1 }
            let (name, count) = (rest + next, end - next)
            next = end
            if count == 1 && name[0] == Self.dot { continue }
            if count == 2 && name[0] == Self.dot && name[1] == Self.dot {
                goBack()
            } else if !step(name, count) {
                return -1
            }
        }
    }

    /// Goes on to a name, which is made when it is missing, or to where it leads.
    private mutating func step(_ name: UnsafeMutablePointer<CChar>, _ count: Int) -> Bool {
        let parent = doneCount
        guard doneCount + 1 + count < Self.capacity else {
            berth_set_errno(ENAMETOOLONG)
            return false
        }
        done[doneCount] = Self.slash
        memcpy(done + doneCount + 1, name, count)
        doneCount += 1 + count
        done[doneCount] = 0

        var found = openDone(O_PATH | O_NOFOLLOW)
        if found < 0 && berth_errno() == ENOENT {
            guard make(after: parent) else { return false }
            // Perhaps somebody else has made it, and what it is is seen now.
            found = openDone(O_PATH | O_NOFOLLOW)
        }
        guard found >= 0 else { return false }
        defer {
            let error = berth_errno()
            _ = close(found)
            berth_set_errno(error)
        }
        guard FileKind.link.matches(found) else { return true }
        doneCount = parent
        done[doneCount] = 0
        return follow(found)
    }

    /// Puts the text of a link before what is to be walked.
    private mutating func follow(_ link: CInt) -> Bool {
        links += 1
        // The links of procfs are not what they say.
        var fileSystem = statfs()
        guard links <= Self.linkLimit, fstatfs(link, &fileSystem) == 0,
            Int(fileSystem.f_type) != Int(PROC_SUPER_MAGIC)
        else {
            berth_set_errno(ELOOP)
            return false
        }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Self.capacity) { text in
            guard let base = text.baseAddress else { return false }
            let count = readlinkat(link, c(""), base, text.count)
            guard count > 0 else { return false }
            // What is left of the path begins with a slash, or is its end.
            guard count <= next else {
                berth_set_errno(ENAMETOOLONG)
                return false
            }
            next -= count
            memcpy(rest + next, base, count)
            if base[0] == Self.slash {
                doneCount = 0
                done[0] = 0
            }
            return true
        }
    }

    private mutating func goBack() {
        while doneCount > 0 && done[doneCount - 1] != Self.slash { doneCount -= 1 }
        if doneCount > 0 { doneCount -= 1 }
        done[doneCount] = 0
    }

    /// Makes the last name of `done`, which begins at `start`. Somebody else making the same at the
    /// same time is as good.
    private func make(after start: Int) -> Bool {
        done[start] = 0
        let place = openDone(O_PATH | O_DIRECTORY)
        done[start] = Self.slash
        guard place >= 0 else { return false }
        defer {
            let error = berth_errno()
            _ = close(place)
            berth_set_errno(error)
        }
        let name = CText(done + start + 1)
        if isDirectory || !isAtEnd {
            return mkdirat(place, name, 0o755) == 0 || berth_errno() == EEXIST
        }
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let made = berth_openat(place, name, flags, 0o644)
        if made >= 0 { _ = close(made) }
        return made >= 0 || berth_errno() == EEXIST
    }

    private var isAtEnd: Bool {
        var end = next
        while rest[end] == Self.slash { end += 1 }
        return rest[end] == 0
    }

    private func openDone(_ flags: CInt) -> CInt {
        openBeneath(root, CText(done), flags, Resolve.beneath | Resolve.noSymlinks)
    }
}
