import Testing

/// A layer that has to be refused, and words that the error has.
struct HostileLayer: Sendable, CustomTestStringConvertible {
    var name: String
    var words: String
    var tar: [UInt8]

    init(_ name: String, _ words: String, _ body: (inout TestTar) -> Void) {
        self.name = name
        self.words = words
        tar = TestTar(body).finished
    }

    var testDescription: String { name }

    static let all = paths + links + whiteouts + headers + extensions + sparse
}
