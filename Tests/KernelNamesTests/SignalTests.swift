import KernelNames
import Testing

@Suite("signals")
struct SignalTests {
    @Test(
        "reads the words that Docker accepts",
        arguments: [
            ("SIGTERM", 15), ("term", 15), ("15", 15), ("Int", 2), ("SIGIOT", 6), ("POLL", 29),
            ("RTMIN", 34), ("SIGRTMIN+3", 37), ("RTMAX-1", 63), ("SIGRTMAX", 64), ("64", 64),
        ] as [(String, Int32)]
    )
    func reads(text: String, number: Int32) {
        #expect(Signal(text)?.number == number)
    }

    @Test(
        "refuses what is no signal",
        arguments: ["", "SIG", "SIGFOO", "0", "65", "-1", "RTMIN-1", "RTMIN+31", "RTMAX+1", "15 "]
    )
    func refuses(text: String) {
        #expect(Signal(text) == nil)
    }

    @Test("every name is the name of its number", arguments: Signal.names)
    func names(name: String) {
        #expect(Signal(name)?.name == name)
    }

    @Test("real-time signals count from the first, and others are shown as numbers")
    func numbers() {
        #expect(Signal(number: 37).name == "SIGRTMIN+3")
        #expect(Signal(number: 32).name == "32")
    }
}
