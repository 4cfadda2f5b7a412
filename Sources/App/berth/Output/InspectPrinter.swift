import GoTemplate
import TextForms

/// What `inspect` commands print: all objects as one JSON array, or a template per object. What is
/// missing is told at the end, and the exit code is 1.
struct InspectPrinter {
    private(set) var shown: [String] = []
    private var objects: [GoValue] = []
    private var failures: [Failure] = []
    private let template: Template?
    private let isCompact: Bool
    private let showing: (String) -> String

    /// `format` is empty for indented JSON, `json` for one line each, or a template. Where a terminal
    /// shows it (`isSeen`), what a template takes from the objects is visible text.
    init(format: String?, isSeen: Bool = Terminal.isInteractive(.out)) throws {
        showing = isSeen ? { VisibleText.lines($0) } : { $0 }
        isCompact = format == "json"
        guard let format, !format.isEmpty, !isCompact else {
            template = nil
            return
        }
        do {
            template = try Template(parsing: format)
        } catch {
            throw Failure("template parsing error: \(error)", exitCode: 64)
        }
    }

    mutating func add(_ object: GoValue) throws {
        guard let template else { return objects.append(object) }
        do {
            shown.append(try template.render(object, showing: showing))
        } catch {
            failures.append(Failure("template parsing error: \(error)"))
            throw Stop()
        }
    }

    /// The rest is not looked at any more.
    struct Stop: Error {}

    mutating func add(_ failure: Failure) { failures.append(failure) }

    /// Prints everything; throws when something failed.
    func finish() throws {
        if template != nil {
            for line in shown { Terminal.line(line) }
        } else if isCompact {
            Terminal.line(GoValue.list(objects).json)
        } else {
            Terminal.line(GoValue.list(objects).indentedJSON())
        }
        for failure in failures { failure.tell() }
        if !failures.isEmpty { throw Failure(silent: 1) }
    }
}
