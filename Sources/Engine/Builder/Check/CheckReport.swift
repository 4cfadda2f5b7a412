import FoundationEssentials
import TextForms

/// What `build --check` gives: what was found, and what would end the build at once.
package struct CheckReport: Sendable {
    /// The Dockerfile's name.
    package var file: String
    /// The same with its path, as findings show it.
    package var shownFile: String
    /// Its text.
    package var text: String
    /// In the order of the file.
    package var findings: [CheckFinding] = []
    /// What else should be known: settings that mean nothing, images that are not at hand.
    package var notes: [String] = []
    /// Why the file cannot be built, with its place.
    package var error: String?
    /// The line of `error`; 0 where there is none.
    package var errorLine = 0

    /// A report about nothing yet.
    package init(file: String, text: String) {
        self.file = file
        shownFile = file
        self.text = text
    }

    /// Whether there is anything to mend.
    package var isClean: Bool { findings.isEmpty && error == nil }

    /// As docker prints it, each place with its column.
    package var lines: [String] {
        // Of a file that cannot be read nothing is complete.
        if error != nil, errorLine > 0 {
            return Self.excerpt(of: text, around: errorLine...errorLine)
        }
        var lines = [Self.summary(findings.count)]
        for finding in findings {
            lines += ["", "WARNING: \(finding.check.rawValue) - \(finding.check.address)"]
            lines.append(VisibleText.shortened(finding.detail))
            lines.append(
                "\(VisibleText.shortened(shownFile)):\(finding.lines.lowerBound):\(finding.column)"
            )
            lines += Self.excerpt(of: text, around: finding.lines)
        }
        if !findings.isEmpty { lines.append("") }
        return lines
    }

    private static func summary(_ count: Int) -> String {
        switch count {
        case 0: "Check complete, no warnings found."
        case 1: "Check complete, 1 warning has been found!"
        default: "Check complete, \(count) warnings have been found!"
        }
    }

    /// The warnings of a build that went on, as docker lists them at its end.
    package static func list(_ findings: [CheckFinding]) -> [String] {
        guard !findings.isEmpty else { return [] }
        let count = findings.count == 1 ? "1 warning" : "\(findings.count) warnings"
        return ["\(count) found (use --check to see the lines):"]
            + findings.map {
                " - \($0.check.rawValue): \(VisibleText.shortened($0.detail)) "
                    + "(line \($0.lines.lowerBound))"
            }
    }

    /// The lines around a place, its own marked, between two rules.
    static func excerpt(of text: String, around lines: ClosedRange<Int>) -> [String] {
        let rule = String(repeating: "-", count: 20)
        let all = LineReader.physicalLines(of: text)
        let first = max(1, lines.lowerBound - 2)
        let last = min(all.count, lines.upperBound + 2)
        guard first <= last else { return [rule, rule] }
        return [rule]
            + (first...last).map { number in
                let digits = String(number)
                let label = String(repeating: " ", count: max(0, 4 - digits.count)) + digits
                let shown = VisibleText.cut(VisibleText.sameColumns(String(all[number - 1])))
                return "\(label) | \(lines.contains(number) ? ">>>" : "   ") \(shown)"
            } + [rule]
    }
}

extension CheckReport {
    /// Docker's document (`--call=check,format=json`).
    package func json() throws -> String {
        struct Position: Encodable { var line: Int }
        struct Range: Encodable { var start: Position, end: Position }
        struct Location: Encodable {
            var ranges: [Range]
            init(_ lines: ClosedRange<Int>) {
                ranges = [
                    Range(
                        start: Position(line: lines.lowerBound),
                        end: Position(line: lines.upperBound)
                    )
                ]
            }
        }
        struct Warning: Encodable {
            var ruleName, description, url, detail: String
            var location: Location
        }
        struct Source: Encodable { var filename: String, data: Data, language = "Dockerfile" }
        struct Failure: Encodable { var message: String, location: Location? }
        struct Document: Encodable {
            var warnings: [Warning]
            var sources: [Source]
            var buildError: Failure?
        }
        let document = Document(
            warnings: findings.map {
                Warning(
                    ruleName: $0.check.rawValue,
                    description: $0.check.summary,
                    url: $0.check.address,
                    detail: $0.detail,
                    location: Location($0.lines)
                )
            },
            sources: [Source(filename: file, data: Data(text.utf8))],
            buildError: error.map {
                Failure(
                    message: $0,
                    location: errorLine > 0 ? Location(errorLine...errorLine) : nil
                )
            }
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(document), as: UTF8.self)
    }
}
