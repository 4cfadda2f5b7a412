/// Which extended attributes belong to a layer.
enum LayerAttributes {
    /// File capabilities, access control lists and users' own; never overlay's, with which an image
    /// could show itself any file of the layers below, and nothing that the host's security modules
    /// read.
    static func isKept(_ name: String) -> Bool {
        switch name {
        case "security.capability", "system.posix_acl_access", "system.posix_acl_default": true
        default: name.hasPrefix("user.") && !name.hasPrefix("user.overlay.")
        }
    }
}
