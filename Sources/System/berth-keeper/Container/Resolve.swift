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
