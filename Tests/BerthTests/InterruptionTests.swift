import Testing

@testable import berth

@Suite("what Ctrl-C means")
struct InterruptionTests {
    /// When each signal comes, in milliseconds, and what it asks for.
    private static let table: [([Int], [Interruption.Action?])] = [
        ([0], [.stop]),
        ([0, 500, 1000], [.stop, .kill, .leave]),
        // What comes twice at once is one wish.
        ([0, 3, 500], [.stop, nil, .kill]),
        ([0, 99, 198, 299], [.stop, nil, nil, .kill]),
        ([0, 100, 101, 250], [.stop, .kill, nil, .leave]),
    ]

    @Test("the first stops, the second kills, the third leaves; an echo within 100 ms counts not")
    func signals() {
        let began = ContinuousClock.now
        for (times, expected) in Self.table {
            var interruption = Interruption()
            let actions = times.map {
                interruption.interrupted(at: began + .milliseconds($0))
            }
            #expect(actions == expected, "\(times)")
        }
    }
}
