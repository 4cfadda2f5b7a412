import OCI
import Testing

@testable import Builder

@Suite("times in a build's history")
struct HistoryTimeTests {
    @Test("steps before the first layer have its time, and those behind one have that of the last")
    func times() throws {
        var state = StageState(
            scratch: StageScope(escape: "\\", given: [:], predefined: [:])
        )
        func layer(_ byte: UInt8, _ created: String) -> BuildCache.Record {
            BuildCache.Record(layer: .of([byte]), size: 1, created: created)
        }
        state.record("ENV A=b")
        state.record("LABEL c=d")
        state.record("RUN one", layer: layer(1, "2026-01-02T03:04:05Z"))
        state.record("ENV E=f")
        state.record("RUN two", layer: layer(2, "2026-01-03T03:04:05Z"))
        #expect(
            state.configuration.history.map(\.created) == [
                "2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z",
                "2026-01-02T03:04:05Z", "2026-01-03T03:04:05Z",
            ]
        )
        #expect(state.configuration.created == "2026-01-03T03:04:05Z")
    }
}
