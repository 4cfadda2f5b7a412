import OCI

/// The plain tar of a layer while its blob arrives: decompressed, hashed, counted.
final class LayerStream: Decoder {
    private let input: InputBuffer
    private let decoder: any Decoder
    private let subject: String
    private let limits: UnpackLimits
    private var hash = SHA256()
    private var size: Int64 = 0

    /// Looks at the first bytes.
    init(_ source: @escaping InputBuffer.Source, subject: String, limits: UnpackLimits) throws {
        input = InputBuffer(source)
        self.subject = subject
        self.limits = limits
        decoder = try Compression.decoder(input, subject: subject)
    }

    /// The next plain bytes, valid until the next call; nil at the end.
    func next() throws -> UnsafeRawBufferPointer? {
        guard let bytes = try decoder.next() else { return nil }
        size += Int64(bytes.count)
        try check()
        hash.update(bytes)
        return bytes
    }

    private func check() throws(ImageStoreError) {
        guard size <= limits.bytes else {
            throw ImageStoreError(subject: subject, limits.excess("its plain contents"))
        }
        guard size <= limits.freeBytes || size / limits.ratio <= input.received else {
            throw ImageStoreError(
                subject: subject,
                .limit(
                    "it unpacks to more than \(limits.freeBytes) bytes and \(limits.ratio) times "
                        + "its compressed size"
                )
            )
        }
    }

    /// Reads what follows the archive's end; digest and size of the plain tar.
    func finish() throws -> (diffID: Digest, size: Int64) {
        while try next() != nil {}
        try input.drain()
        return (hash.finish(), size)
    }
}
