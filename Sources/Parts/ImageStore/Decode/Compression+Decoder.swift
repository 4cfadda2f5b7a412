extension Compression {
    /// Looks at the first bytes of a stream and gives what makes its bytes plain.
    static func decoder(_ input: InputBuffer, subject: String) throws -> any Decoder {
        // A stream shorter than a header is judged by what there is.
        _ = try input.fill(atLeast: TarHeader.size)
        switch Compression(firstBytes: input.bytes) {
        case .none: return PlainDecoder(input)
        case .gzip: return GzipDecoder(input, subject: subject)
        case .xz: return try XZDecoder(input, subject: subject)
        case .zstd: return try ArchiveDecoder(input, .zstd, subject: subject)
        case .bzip2: return try ArchiveDecoder(input, .bzip2, subject: subject)
        }
    }
}
