/// The last lines that a program wrote, made fit for a message: few, short, and without anything
/// that a terminal would obey.
package struct Excerpt: Hashable, Sendable {
    package private(set) var lines: [String] = []

    /// So many lines are kept, the last ones.
    package static let maximumLines = 10
    /// So many characters of each.
    package static let maximumLength = 300

    /// Nothing.
    package init() {}

    /// The end of some output; empty lines at its end are left out.
    package init(of output: String) {
        // By scalars: a carriage return and a line feed are one character.
        var rest = output.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        while rest.last?.allSatisfy(\.properties.isWhitespace) == true { rest.removeLast() }
        lines = rest.suffix(Self.maximumLines).map(Self.visible)
    }

    private static func visible(_ line: Substring.UnicodeScalarView) -> String {
        var text = ""
        for scalar in line.prefix(maximumLength) where scalar != "\r" {
            switch scalar.properties.generalCategory {
            case .control where scalar != "\t", .format, .lineSeparator, .paragraphSeparator:
                text += scalar.escaped(asASCII: true)
            default: text.unicodeScalars.append(scalar)
            }
        }
        return line.count > maximumLength ? text + "…" : text
    }
}
