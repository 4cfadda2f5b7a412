import AsyncHTTPClient
import NIOCore

/// What a request carries. It is made for each attempt, since an attempt uses it up.
struct RequestBody: Sendable {
    var length: Int64
    var make: @Sendable () -> HTTPClientRequest.Body

    /// A few bytes, all at hand.
    init(_ bytes: [UInt8]) {
        length = Int64(bytes.count)
        make = { .bytes(ByteBuffer(bytes: bytes)) }
    }

    /// `length` bytes that come piece by piece as fast as the connection takes them.
    init<Pieces: AsyncSequence & Sendable>(
        length: Int64,
        _ pieces: @escaping @Sendable () -> Pieces
    ) where Pieces.Element == ByteBuffer {
        self.length = length
        make = { .stream(pieces(), length: .known(length)) }
    }

    /// How much longer than an empty request this may take until its answer begins: not much less
    /// than what downloads have to bring.
    var patience: Duration { .seconds(length >> 10) }
}
