import Compose
import TestSupport

/// A small project with something to tell, and what a person then sees.
struct MessageCase: Sendable {
    var name: String
    var text: String
    var files: [String: String]
    var main: [String]
    var environment: [String: String]
    var purpose: LoadOptions.Purpose

    init(
        _ name: String,
        _ text: String,
        files: [String: String] = [:],
        main: [String] = [],
        environment: [String: String] = [:],
        purpose: LoadOptions.Purpose = .config
    ) {
        self.name = name
        self.text = text
        self.files = files
        self.main = main
        self.environment = environment
        self.purpose = purpose
    }

    /// A service with one more attribute.
    static func service(_ name: String, _ attribute: String) -> MessageCase {
        let indented = attribute.split(separator: "\n", omittingEmptySubsequences: false)
            .map { "    " + $0 }.joined(separator: "\n")
        return MessageCase(name, "services:\n  web:\n    image: x\n\(indented)\n")
    }

    /// Warnings and errors as a terminal shows them; empty when there are none.
    var shown: String {
        var options = LoadOptions.test(purpose, environment: environment)
        options.files = main
        var lines: [String] = []
        do {
            lines = try load(text, files: files, options: options).warnings.map {
                "warning: " + $0.rendered()
            }
        } catch {
            lines = error.warnings.map { "warning: " + $0.rendered() }
            lines += error.problems.map { $0.rendered() }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// All cases, one after the other, as a golden file has them.
    static func listing(_ cases: [MessageCase]) -> String {
        cases.map { "### \($0.name)\n\n\($0.shown)\n" }.joined()
    }
}
