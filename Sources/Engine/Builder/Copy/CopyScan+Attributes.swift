import Linux

extension CopyScan {
    /// The attributes that a copy keeps: those of users and access control lists. Those of
    /// security modules say something about this machine, and overlay's about our layers.
    static func attributes(of folder: ViewFolder) throws(SyscallError) -> [String: [UInt8]] {
        guard let top = folder.parts.first else { return [:] }
        return try attributes(of: top.fd)
    }

    static func attributes(of file: SharedFD) throws(SyscallError) -> [String: [UInt8]] {
        var kept: [String: [UInt8]] = [:]
        for name in try file.extendedAttributeNames(subject: "copied file") where isKept(name) {
            kept[name] = try file.extendedAttribute(name, subject: "copied file")
        }
        return kept
    }

    private static func isKept(_ name: String) -> Bool {
        name.hasPrefix("user.") && !name.hasPrefix("user.overlay.")
            || name.hasPrefix("system.posix_acl_")
    }
}
