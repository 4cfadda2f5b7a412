import Linux
import OCI

/// What unpacking learned about a layer.
struct UnpackedLayer {
    /// Of the plain tar.
    var size: Int64
    var implied: [EntryPath]
    var isRootOpaque: Bool
}

/// Makes the plain tar of a stream into files beneath an open, empty directory, and verifies the
/// digests. It needs nothing else, so that it can run in a confined process.
func unpackLayer(
    _ stream: LayerStream,
    diffID: Digest,
    into directory: SharedFD,
    subject: String,
    limits: UnpackLimits
) throws -> UnpackedLayer {
    let unpacker = Unpacker(into: directory, subject: subject, limits: limits)
    try unpacker.unpack(TarReader(stream, subject: subject))
    try stream.verify(diffID: diffID)
    return UnpackedLayer(
        size: stream.size,
        implied: unpacker.implied,
        isRootOpaque: unpacker.isRootOpaque
    )
}
