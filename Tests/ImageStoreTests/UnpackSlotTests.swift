import Linux
import Testing

@testable import ImageStore

@Suite("Turns of unpackers", .timeLimit(.minutes(1)))
struct UnpackSlotTests {
    /// Larger than any layer of other tests, and as many as there can be turns.
    private func larger() -> [UnpackSlotRequest] {
        (0..<1024).map { _ in UnpackSlotRequest(size: .max) }
    }

    @Test("are left to larger layers of which nothing has arrived while a layer arrives")
    func largestFirst() {
        let small = UnpackSlotRequest(size: 1)
        let large = larger()
        #expect(small.takeIfFree() == nil)
        withExtendedLifetime(large) {}
    }

    @Test("are not kept from a whole layer by larger ones that do not arrive")
    func stalled() async throws {
        let small = UnpackSlotRequest(size: 1)
        let large = larger()
        _ = try await onOwnThread { small.take() }
        withExtendedLifetime(large) {}
    }

    @Test("come to a whole layer when no larger one that has begun still waits for a slot")
    func given() async throws {
        let small = UnpackSlotRequest(size: 1)
        var large: [UnpackSlotRequest]? = larger()
        var taken = large?.map { $0.takeIfFree() }
        #expect(taken?.count == large?.count)
        async let turn = onOwnThread { small.take() }
        taken = nil
        large = nil
        _ = try await turn
    }
}
