import NIOCore
import Synchronization

/// The bytes of a blob to be sent, read by position: a request that failed is made again from where
/// the registry stands.
package struct BlobContent: Sendable {
    package var size: Int64
    /// So many bytes from an offset, all of them there; an error ends the upload as it is.
    package var read: @Sendable (_ offset: Int64, _ count: Int) async throws -> [UInt8]

    package init(
        size: Int64,
        read: @escaping @Sendable (_ offset: Int64, _ count: Int) async throws -> [UInt8]
    ) {
        self.size = size
        self.read = read
    }

    /// Bytes at hand.
    package init(_ bytes: [UInt8]) {
        self.init(size: Int64(bytes.count)) { offset, count in
            Array(bytes[Int(offset)..<Int(offset) + count])
        }
    }
}

/// A part of a blob as a request's body. A piece is read when the connection has taken the one
/// before, so that there is never more than one of them in memory.
struct BlobPieces: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    let content: BlobContent
    let range: Range<Int64>
    /// Told how far the connection has come, in the blob.
    let progress: @Sendable (Int64) -> Void
    let failure: ReadFailure

    static let pieceBytes: Int64 = 512 << 10

    /// Why a blob could not be read, kept here since the HTTP client would wrap it.
    final class ReadFailure: Sendable {
        private let error = Mutex<(any Error)?>(nil)

        func note(_ error: any Error) { self.error.withLock { $0 = error } }

        /// Throws what was noted.
        func check() throws { if let error = error.withLock({ $0 }) { throw error } }
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        let pieces: BlobPieces
        var position: Int64

        mutating func next() async throws -> ByteBuffer? {
            if position > pieces.range.lowerBound { pieces.progress(position) }
            let count = Int(Swift.min(BlobPieces.pieceBytes, pieces.range.upperBound - position))
            guard count > 0 else { return nil }
            do {
                let bytes = try await pieces.content.read(position, count)
                position += Int64(count)
                return ByteBuffer(bytes: bytes)
            } catch {
                pieces.failure.note(error)
                throw error
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(pieces: self, position: range.lowerBound)
    }
}
