import Linux
import Testing

@testable import ImageStore

@Suite("Turns of unpackers", .timeLimit(.minutes(1)))
struct UnpackerTurnTests {
    /// Larger than any layer of other tests, and as many as there can be turns.
    private func larger() -> [UnpackerWish] { (0..<1024).map { _ in UnpackerWish(size: .max) } }

    @Test("go to larger layers first, even to those of which nothing has arrived")
    func largestFirst() {
        let small = UnpackerWish(size: 1)
        let large = larger()
        #expect(small.takeIfFree() == nil)
        withExtendedLifetime(large) {}
    }

    @Test("come to a small layer when no larger one wishes for one any more")
    func given() async throws {
        let small = UnpackerWish(size: 1)
        var large: [UnpackerWish]? = larger()
        #expect(small.takeIfFree() == nil)
        async let turn = onOwnThread { small.take() }
        withExtendedLifetime(large) {}
        large = nil
        _ = try await turn
    }
}
