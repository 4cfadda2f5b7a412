import Linux
import OCI

/// What unpacking learned about a layer.
struct UnpackedLayer {
    /// Of the plain tar.
    var diffID: Digest
    /// Of the plain tar.
    var size: Int64
    /// Of the files in it.
    var contentBytes: Int64
    var implied: [EntryPath]
    var opaque: [EntryPath]
    var isRootOpaque: Bool
}

/// Makes the plain tar of a stream into files beneath an open, empty directory. It needs nothing
/// else, so that it can run in a confined process; the caller compares digests.
func unpackLayer(
    _ stream: LayerStream,
    into directory: SharedFD,
    subject: String,
    limits: UnpackLimits,
    isUmaskClear: Bool
) throws -> UnpackedLayer {
    let unpacker = Unpacker(
        into: directory,
        subject: subject,
        limits: limits,
        isUmaskClear: isUmaskClear
    )
    try unpacker.unpack(TarReader(stream, subject: subject))
    let (diffID, size) = try stream.finish()
    return UnpackedLayer(
        diffID: diffID,
        size: size,
        contentBytes: unpacker.bytes,
        implied: unpacker.implied,
        opaque: unpacker.opaque,
        isRootOpaque: unpacker.isRootOpaque
    )
}
