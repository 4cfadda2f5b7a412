import CLinux

/// openat2(2) `resolve` flags.
enum Resolve {
    static let noOtherMounts: UInt64 = 0x01
    static let noMagicLinks: UInt64 = 0x02
    static let noSymlinks: UInt64 = 0x04
    static let beneath: UInt64 = 0x08
    static let inRoot: UInt64 = 0x10
}

/// Opens a path beneath a root, once, to a descriptor that is checked and used from then on.
/// A rename elsewhere at the same time gives EAGAIN; 128 tries nearly always get through.
func openBeneath(_ root: CInt, _ path: CText, _ flags: CInt, _ resolve: UInt64) -> CInt {
    var relative = path
    while relative.pointee == CChar(UInt8(ascii: "/")) { relative += 1 }
    if relative.pointee == 0 { relative = c(".") }
    var tries = 128
    while true {
        let fd = berth_openat2(root, relative, UInt64(flags | O_CLOEXEC), 0, resolve)
        tries -= 1
        if fd >= 0 || tries == 0 || (berth_errno() != EAGAIN && berth_errno() != EINTR) {
            return fd
        }
    }
}

/// Opens a path of a container as programs in it would see it.
func openInRoot(_ root: CInt, _ path: CText, _ flags: CInt) -> CInt {
    openBeneath(root, path, flags, Resolve.inRoot | Resolve.noMagicLinks)
}

/// Opens a path beneath a root, making what is missing of it: directories, and a last component
/// that is an empty file unless `isDirectory`. Never through a symbolic link that it finds where
/// it wants to make something. -1 with errno.
func openMaking(_ root: CInt, _ path: CText, isDirectory: Bool) -> CInt {
    let existing = openInRoot(root, path, O_PATH)
    if existing >= 0 || berth_errno() != ENOENT { return existing }

    let buffer = strdup(path)
    guard let buffer else { return -1 }
    defer { free(buffer) }
    var rest = strlen(buffer)
    var place: CInt = -1
    repeat {
        while rest > 0 && buffer[rest - 1] != CChar(UInt8(ascii: "/")) { rest -= 1 }
        while rest > 0 && buffer[rest - 1] == CChar(UInt8(ascii: "/")) { rest -= 1 }
        let kept = buffer[rest]
        buffer[rest] = 0
        place = openInRoot(root, buffer, O_PATH | O_DIRECTORY)
        let error = berth_errno()
        buffer[rest] = kept
        if place < 0 && (error != ENOENT || rest == 0) { return -1 }
    } while place < 0
    return make(beneath: place, buffer + rest, isDirectory: isDirectory)
}

/// Makes the components of `names` one by one; takes `place`.
private func make(
    beneath place: CInt,
    _ names: UnsafeMutablePointer<CChar>,
    isDirectory: Bool
) -> CInt {
    var place = place
    var name = names
    let slash = CChar(UInt8(ascii: "/"))
    while place >= 0 {
        while name.pointee == slash { name += 1 }
        if name.pointee == 0 { return place }
        var end = name
        while end.pointee != 0 && end.pointee != slash { end += 1 }
        let isLast = end.pointee == 0
        end.pointee = 0
        let next = makeOne(in: place, CText(name), isDirectory: isDirectory || !isLast)
        let error = berth_errno()
        _ = close(place)
        berth_set_errno(error)
        place = next
        if isLast { break }
        name = end + 1
    }
    return place
}

/// Somebody else making the same at the same time is as good; a link he made is not.
private func makeOne(in place: CInt, _ name: CText, isDirectory: Bool) -> CInt {
    if isDirectory {
        if mkdirat(place, name, 0o755) < 0 && berth_errno() != EEXIST { return -1 }
    } else {
        let made = berth_openat(
            place,
            name,
            O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
            0o644
        )
        if made < 0 && berth_errno() != EEXIST { return -1 }
        if made >= 0 { _ = close(made) }
    }
    return openBeneath(
        place,
        name,
        isDirectory ? O_PATH | O_DIRECTORY : O_PATH,
        Resolve.beneath | Resolve.noSymlinks
    )
}
