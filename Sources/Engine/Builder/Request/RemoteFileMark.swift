/// What a server said of a file, by which it can be asked later whether the file has changed.
package struct RemoteFileMark: Hashable, Codable, Sendable {
    /// `ETag`.
    package var entityTag: String?
    /// `Last-Modified`, as it was sent.
    package var lastModified: String?
    /// The same, in seconds since 1970.
    package var modifiedSeconds: Int64?
    /// Of `Content-Disposition`.
    package var fileName: String?

    /// The server said nothing.
    package init() {}
}
