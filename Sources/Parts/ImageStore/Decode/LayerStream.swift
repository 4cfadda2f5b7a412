import OCI

/// The plain tar of a layer while its blob arrives: hashed compressed, decompressed, hashed plain.
final class LayerStream {
    private let input: InputBuffer
    private let intake: BlobIntake
    private let decoder: any Decoder
    private let subject: String
    private let limit: Int64
    private var hash = SHA256()
    private(set) var size: Int64 = 0
    /// What went wrong inside a callback of libarchive.
    var failure: (any Error)?

    /// Looks at the first bytes. `limit` is the plain tar's, in bytes.
    init(_ intake: BlobIntake, subject: String, limit: Int64) throws {
        input = InputBuffer(intake)
        self.intake = intake
        self.subject = subject
        self.limit = limit
        // A stream shorter than the longest magic is judged by what there is.
        _ = try input.fill(atLeast: 6)
        switch Compression(firstBytes: input.bytes) {
        case .none: decoder = PlainDecoder(input)
        case .gzip: decoder = GzipDecoder(input, subject: subject)
        case .zstd: decoder = try ArchiveDecoder(input, .zstd, subject: subject)
        case .bzip2: decoder = try ArchiveDecoder(input, .bzip2, subject: subject)
        case .xz: throw ImageStoreError(subject: subject, .unsupportedCompression("xz"))
        }
    }

    /// The next plain bytes, valid until the next call; nil at the end.
    func next() throws -> UnsafeRawBufferPointer? {
        guard let bytes = try decoder.next() else { return nil }
        size += Int64(bytes.count)
        guard size <= limit else {
            throw ImageStoreError(
                subject: subject,
                .limit("it unpacks to more than \(limit) bytes")
            )
        }
        hash.update(bytes)
        return bytes
    }

    /// Reads what follows the archive's end and compares both digests.
    func verify(diffID: Digest) throws {
        while try next() != nil {}
        try input.drain()
        try intake.verify()
        let found = hash.finish()
        guard found == diffID else {
            throw ImageStoreError(subject: subject, .wrongDiffID(expected: diffID, found: found))
        }
    }
}
