import Linux
import Testing

@testable import ImageStore

@Suite("Turns of unpackers", .timeLimit(.minutes(1)))
struct UnpackerTurnTests {
    /// Larger than any layer of other tests, and as many as there can be turns.
    private func larger() -> [UnpackerWish] { (0..<1024).map { _ in UnpackerWish(size: .max) } }

    @Test("are left to larger layers of which nothing has arrived while a layer arrives")
    func largestFirst() {
        let small = UnpackerWish(size: 1)
        let large = larger()
        #expect(small.takeIfFree() == nil)
        withExtendedLifetime(large) {}
    }

    @Test("are not kept from a whole layer by larger ones that do not arrive")
    func stalled() async throws {
        let small = UnpackerWish(size: 1)
        let large = larger()
        _ = try await onOwnThread { small.take() }
        withExtendedLifetime(large) {}
    }

    @Test("come to a whole layer when larger ones that have begun wish for none any more")
    func given() async throws {
        let small = UnpackerWish(size: 1)
        var large: [UnpackerWish]? = larger()
        var taken = large?.map { $0.takeIfFree() }
        #expect(taken?.count == large?.count)
        async let turn = onOwnThread { small.take() }
        taken = nil
        large = nil
        _ = try await turn
    }
}
