/// Turns compressed bytes into plain ones, block by block.
protocol Decoder: AnyObject {
    /// The next plain bytes, valid until the next call; nil at the end.
    func next() throws -> UnsafeRawBufferPointer?
}

/// How a layer is compressed, seen from its first bytes: the declared media type is not trusted.
enum Compression: Equatable {
    case none
    case gzip, xz
    /// Left to libarchive.
    case zstd, bzip2

    init(firstBytes bytes: UnsafeRawBufferPointer) {
        func begins(_ magic: UInt8...) -> Bool { bytes.starts(with: magic) }
        if bytes.dropFirst(257).starts(with: "ustar".utf8) {
            // A tar whose first name looks like something else.
            self = .none
        } else if begins(0x1f, 0x8b) {
            self = .gzip
        } else if begins(0x28, 0xb5, 0x2f, 0xfd) || Self.isSkippableFrame(bytes) {
            self = .zstd
        } else if begins(0x42, 0x5a, 0x68) {
            self = .bzip2
        } else if begins(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00) {
            self = .xz
        } else {
            self = .none
        }
    }

    /// zstd streams may begin with frames that carry somebody's notes.
    private static func isSkippableFrame(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 4 && bytes[0] & 0xf0 == 0x50 && bytes[1...].starts(with: [0x2a, 0x4d, 0x18])
    }
}

/// Hands on what is not compressed.
final class PlainDecoder: Decoder {
    private let input: InputBuffer

    init(_ input: InputBuffer) { self.input = input }

    func next() throws -> UnsafeRawBufferPointer? {
        guard try input.fill() else { return nil }
        let bytes = input.bytes
        input.consume(bytes.count)
        return bytes
    }
}
