import Builder
import Foundation
import TestSupport
import Testing

/// `docs/builder.md` lists the checks of Dockerfiles; the list is made from the code's.
@Suite("table of checks")
struct CheckTableTests {
    @Test("the documentation has every check")
    func documentation() throws {
        let file = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "docs/builder.md")
        let rows = BuildCheck.allCases.map { check in
            "| [`\(check.rawValue)`](\(check.address)) | \(check.summary)"
                + "\(check.isExperimental ? "; only with `# check=experimental=`" : "") |\n"
        }
        let table = "| check | what it says |\n| --- | --- |\n" + rows.joined()
        try Golden(file).compare(
            table,
            between: "<!-- checks: begin -->\n",
            and: "<!-- checks: end -->\n"
        )
    }
}
