import Testing

@testable import Supervisor

/// How attributes of log lines are written.
@Suite("details of log lines")
struct LogDetailsTests {
    @Test(
        "as in the query of an address",
        arguments: [
            ("a.b-c_d~1", "a.b-c_d~1"), ("x y,=", "x+y%2C%3D"), ("é\n", "%C3%A9%0A"), ("+", "%2B"),
        ]
    )
    func escaping(text: String, written: String) {
        #expect(LogDetails.escaped(text) == written)
    }
}
