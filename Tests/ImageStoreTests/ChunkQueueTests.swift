import Linux
import Testing

@testable import ImageStore

@Suite("A queue of chunks", .timeLimit(.minutes(1)))
struct ChunkQueueTests {
    private struct Cut: Error {}

    @Test("hands on every byte in order", arguments: [1, 1000, 65_536, 300_000])
    func order(chunk: Int) async throws {
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let sent = chunk == 1 ? Array(bytes.prefix(5000)) : bytes
        let queue = ChunkQueue(capacity: 400_000)
        async let received = onOwnThread { () throws(any Error) -> [UInt8] in
            var all: [UInt8] = []
            while true {
                let piece = try queue.next(atMost: 70_000)
                if piece.isEmpty { return all }
                all += piece
            }
        }
        for start in stride(from: 0, to: sent.count, by: chunk) {
            try await queue.send(Array(sent[start..<min(start + chunk, sent.count)]))
        }
        queue.finish()
        #expect(try await received == sent)
    }

    @Test("hands on what came before the sender failed, however little")
    func failure() async throws {
        let queue = ChunkQueue()
        try await queue.send([1, 2, 3])
        queue.finish(.failure(Cut()))
        #expect(try queue.next(atMost: 2) == [1, 2])
        #expect(try queue.next(atMost: 2) == [3])
        #expect(throws: Cut.self) { try queue.next(atMost: 2) }
    }
}
