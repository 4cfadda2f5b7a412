/// What is kept about an unpacked layer beside its files.
package struct LayerRecord: Hashable, Sendable, Codable {
    /// Of the plain tar, in bytes.
    package var size: Int64
    /// Of the files in it, as Docker counts an image's size; nil in records of before this was
    /// counted.
    package var contentBytes: Int64?
    /// Whether the tar can be made again from the files with the same diffID.
    package var isCanonical: Bool
    /// Whether the layer hides everything below it.
    package var isRootOpaque: Bool
}
