/// Writes the files of an archive in one fixed form: owner 0, modes 0644 and 0755, the epoch.
struct ArchiveWriter {
    private var writer: TarWriter

    init(_ sink: @escaping TarWriter.Sink) { writer = TarWriter(sink) }

    mutating func folder(_ path: String) throws {
        try writer.write(TarWriter.Header(path: Array(path.utf8), type: .directory, mode: 0o755))
    }

    mutating func file(_ path: String, _ bytes: [UInt8]) throws {
        try file(path, size: Int64(bytes.count)) { sink in try bytes.withUnsafeBytes(sink) }
    }

    /// `content` has to give exactly so many bytes.
    mutating func file(
        _ path: String,
        size: Int64,
        content: (@escaping TarWriter.Sink) throws -> Void
    ) throws {
        var header = TarWriter.Header(path: Array(path.utf8), type: .file, mode: 0o644)
        header.size = size
        try writer.write(header)
        var remaining = size
        let sink = writer.sink
        try content { bytes in
            remaining -= Int64(bytes.count)
            guard remaining >= 0 else { return }
            try sink(bytes)
        }
        guard remaining == 0 else {
            throw ImageStoreError(
                subject: path,
                .wrongSize(expected: size, found: size - remaining)
            )
        }
        try writer.pad(size)
    }

    mutating func finish() throws { try writer.finish() }
}
