import OrderedCollections
import TestSupport
import Testing

@testable import Compose

/// Every attribute of the table that is refused has a small file that has it, made from its shape:
/// running such a file is an error at the attribute, or at the outermost part that is refused.
@Suite("Refusal fixtures")
struct RefusalFixtureTests {
    @Test("every refused attribute is refused where it stands")
    func refused() throws {
        let fixtures = RefusalFixture.all
        let refused = SupportTable.rows.filter {
            if case .refused = $0.outcome { true } else { false }
        }.map(\.path)
        #expect(fixtures.map(\.path) == refused)
        for fixture in fixtures {
            var options = LoadOptions.test(.run)
            options.without.insert(.dropResources)
            let found = problems(fixture.text, options: options).split(separator: "\n")
            #expect(
                found.contains { problem in
                    ["not supported yet", "cannot be carried out"].contains {
                        problem.hasPrefix("compose.yaml:\(fixture.place): \($0)")
                    }
                },
                "\(fixture.path) at \(fixture.place):\n\(fixture.text)\n\(found)"
            )
        }
    }

    @Test("config shows every refused attribute all the same")
    func shown() {
        for fixture in RefusalFixture.all {
            var options = LoadOptions.test()
            options.without = [.checkReferences, .resolveEnvironment]
            let found = problems(fixture.text, options: options)
            #expect(found.isEmpty, "\(fixture.path):\n\(fixture.text)\n\(found)")
        }
    }
}

/// A compose file with one attribute of the table, as small as its shape allows.
struct RefusalFixture {
    /// Row of the table.
    var path: String
    var text: String
    /// `4:5: services.web.deploy`: the outermost part on the way to it that is refused.
    var place: String

    static let all: [RefusalFixture] = {
        var found: [RefusalFixture] = []
        collect(.fields(.project), Way(), &found)
        return found
    }()

    /// The lines down to an attribute.
    private struct Way {
        var row = ""
        var path = ""
        var lines: [String] = []
        var indentation = 0
        /// Begins the next line: `- ` for an element of a list.
        var lead = ""
        var refusedAt: String?
        /// Lines that the mappings on the way need as well, innermost first.
        var rest: [String] = []

        mutating func enter(_ key: String) {
            path += path.isEmpty ? key : "." + key
            lines.append(String(repeating: " ", count: indentation) + lead + key + ":")
            indentation += lead.utf8.count + 2
            lead = ""
        }
    }

    private static func collect(_ shape: Shape, _ way: Way, _ found: inout [RefusalFixture]) {
        switch shape {
        case .fields(let fields):
            for attribute in fields.attributes {
                var inner = way
                inner.row += (way.row.isEmpty ? "" : ".") + attribute.key
                let column = way.indentation + way.lead.utf8.count + 1
                inner.enter(attribute.key)
                // Within what is refused it is refused with it.
                if case .informational = attribute.support, way.refusedAt == nil { continue }
                if attribute.support.isRefusal, way.refusedAt == nil {
                    inner.refusedAt = "\(inner.lines.count):\(column): \(inner.path)"
                }
                let margin = String(repeating: " ", count: column - 1)
                inner.rest = siblings(of: attribute, in: fields).map { margin + $0 } + way.rest
                if let place = inner.refusedAt {
                    found.append(fixture(inner, attribute, place))
                }
                collect(attribute.shape, inner, &found)
            }
        case .named(let entry, _), .dictionary(let entry):
            var inner = way
            inner.row += ".*"
            let isService = way.row == "services"
            inner.enter(isService ? "web" : "n")
            if isService { inner.rest = ["    image: x"] + inner.rest }
            collect(entry, inner, &found)
        case .list(let element):
            var inner = way
            inner.row += "[]"
            inner.path += "[0]"
            inner.lead = "- "
            collect(element, inner, &found)
        case .form(let form): collect(form.long, way, &found)
        default: return
        }
    }

    private static func fixture(
        _ way: Way,
        _ attribute: Attribute,
        _ place: String
    ) -> RefusalFixture {
        var lines = way.lines
        let value = attribute.key == "condition" ? "any" : example(attribute)
        lines[lines.count - 1] += " " + value
        let text = (lines + way.rest).joined(separator: "\n") + "\n"
        return RefusalFixture(path: way.row, text: text, place: place)
    }

    /// What a mapping needs besides the attribute to be right.
    private static func siblings(of attribute: Attribute, in fields: Fields) -> [String] {
        var entries = fields.required.compactMap { key in
            fields[key].map { (key: key, text: "\(key): \(example($0.shape))") }
        }
        if fields["template_driver"] != nil { entries.append(("file", "file: ./x")) }
        if fields["consistency"] != nil {
            entries += [("source", "source: /s"), ("target", "target: /t")]
        }
        let isSource =
            ["environment", "external"].contains(attribute.key)
            || attribute.key == "content" && fields["driver"] == nil
        return entries.filter { $0.key != attribute.key && !(isSource && $0.key == "file") }
            .map(\.text)
    }

    /// A value that asks for more than what is done anyway.
    private static func example(_ attribute: Attribute) -> String {
        switch attribute.shape {
        case .boolean: attribute.ordinary.contains("true") ? "false" : "true"
        case .word(let words): words.first { !attribute.ordinary.contains($0) } ?? ""
        default: example(attribute.shape)
        }
    }

    /// A small value of a shape, in one line.
    private static func example(_ shape: Shape) -> String {
        switch shape {
        case .string, .text, .strings, .healthcheckTest, .anything: "x"
        case .boolean: "true"
        case .integer(let range): String(max(1, range.lowerBound))
        case .number: "1"
        case .word(let words): words[0]
        case .bytes, .wholeBytes: "64m"
        case .duration: "1s"
        case .fileMode, .modeNumber: "0440"
        case .path: "./x"
        case .list(let element): "[\(example(element))]"
        case .command: "[x]"
        case .pairs: "{A: b}"
        case .fields(let fields): example(fields)
        case .named(let entry, _), .dictionary(let entry): "{n: \(example(entry))}"
        case .form(.external): "true"
        case .form(.extraHosts): "[\"h=1.1.1.1\"]"
        case .form(.fileReferences): "[{source: n}]"
        case .form(let form): example(form.long)
        }
    }

    private static func example(_ fields: Fields) -> String {
        if fields["template_driver"] != nil { return "{file: ./x}" }
        let keys = fields.required.isEmpty ? [fields.keys[0]] : fields.required
        let entries = keys.compactMap { key in
            fields[key].map { attribute in
                "\(key): \(key == "condition" ? "any" : example(attribute.shape))"
            }
        }
        return "{\(entries.joined(separator: ", "))}"
    }
}
