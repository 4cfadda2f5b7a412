import Testing

@testable import DNS

@Suite("streams and limits")
struct StreamTests {
    @Test("messages come whole out of any pieces", arguments: [1, 2, 3, 7, 1000])
    func pieces(size: Int) {
        let messages: [[UInt8]] = [[1, 2, 3], [], Array(repeating: 9, count: 300)]
        let stream = messages.flatMap(StreamFrames.frame)
        var frames = StreamFrames()
        var found: [[UInt8]] = []
        for start in stride(from: 0, to: stream.count, by: size) {
            frames.receive(Array(stream[start..<min(start + size, stream.count)]))
            while let message = frames.next() { found.append(message) }
        }
        #expect(found == messages)
    }

    @Test("a limit lets so many through, and more as time goes by")
    func limit() {
        var limit = RateLimit(perSecond: 10)
        #expect((0..<20).count { _ in limit.admits(at: .seconds(5)) } == 10)
        #expect((0..<20).count { _ in limit.admits(at: .milliseconds(5500)) } == 5)
        #expect((0..<20).count { _ in limit.admits(at: .seconds(500)) } == 10)
    }
}
