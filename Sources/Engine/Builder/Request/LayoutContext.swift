import OCI
package import SystemPackage

/// An image in a folder that is an OCI layout: `oci-layout://FOLDER[:TAG|@DIGEST]`.
package struct LayoutContext: Hashable, Sendable {
    /// As it was written; relative to the caller's folder.
    package var folder: FilePath
    /// A tag, or a digest; `latest` where nothing is said.
    package var name: String

    /// nil for what is no such context.
    /// - Throws: `InvalidLayout` for one without a folder.
    package init?(parsing text: String) throws(InvalidLayout) {
        let prefix = "oci-layout://"
        guard text.hasPrefix(prefix) else { return nil }
        var path = text.dropFirst(prefix.count)
        name = "latest"
        if let at = path.lastIndex(of: "@"), Digest(String(path[path.index(after: at)...])) != nil {
            name = String(path[path.index(after: at)...])
            path = path[..<at]
        } else if let colon = path.lastIndex(of: ":"), !path[colon...].contains("/") {
            name = String(path[path.index(after: colon)...])
            path = path[..<colon]
        }
        guard !path.isEmpty, !name.isEmpty else { throw InvalidLayout() }
        folder = FilePath(String(path))
    }

    /// It names no folder.
    package struct InvalidLayout: Error, CustomStringConvertible {
        /// What to write.
        package var description: String { "write oci-layout://FOLDER[:TAG|@DIGEST]" }
    }
}
