/// Which extended attributes belong to a layer.
enum LayerAttributes {
    /// File capabilities and users' own; never overlay's, with which an image could show itself any
    /// file of the layers below, and nothing that the host's security modules read.
    static func isKept(_ name: String) -> Bool {
        if name == "security.capability" { return true }
        return name.hasPrefix("user.") && !name.hasPrefix("user.overlay.")
    }
}
