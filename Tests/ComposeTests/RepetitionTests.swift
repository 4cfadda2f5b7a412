import OrderedCollections
import TestSupport
import Testing

@testable import Compose

/// What becomes of an element that a list has twice, for every list of the specification.
@Suite("Repeated elements")
struct RepetitionTests {
    /// Lists that hold each element once, and drop a second one without a word: those of
    /// compose-go's `override/uncity.go`.
    static let unique: Set<String> = [
        "services.*.profiles", "services.*.build.tags", "services.*.build.ssh",
        "services.*.cap_add", "services.*.cap_drop", "services.*.configs", "services.*.devices",
        "services.*.dns", "services.*.dns_opt", "services.*.dns_search", "services.*.env_file",
        "services.*.expose", "services.*.label_file",
        "services.*.links", "services.*.networks.*.aliases",
        "services.*.networks.*.link_local_ips", "services.*.ports", "services.*.secrets",
        "services.*.tmpfs", "services.*.volumes", "networks.*.ipam.config",
    ]

    /// Lists in which a second one is a mistake: `uniqueItems` of the JSON schema.
    static let distinct: Set<String> = [
        "services.*.extra_hosts", "services.*.build.extra_hosts",
        "services.*.device_cgroup_rules", "services.*.external_links", "services.*.group_add",
        "services.*.security_opt", "services.*.volumes_from", "services.*.gpus[].capabilities",
        "services.*.gpus[].device_ids",
        "services.*.deploy.resources.limits.devices[].capabilities",
        "services.*.deploy.resources.limits.devices[].device_ids",
        "services.*.deploy.resources.reservations.devices[].capabilities",
        "services.*.deploy.resources.reservations.devices[].device_ids",
    ]

    /// A list of the schema, and a file in which it has one element twice.
    struct Case: CustomTestStringConvertible, Sendable {
        var path: [String]
        var text: String
        var name: String { path.joined(separator: ".").replacing(".[]", with: "[]") }
        var testDescription: String { name }
    }

    /// Elements that need more than their required keys to be right, or that are words.
    private static let elements = [
        "services.*.cap_add": "KILL",
        "services.*.cap_drop": "KILL",
        "services.*.ports": "{target: 80}",
        "services.*.volumes": "{type: volume, source: v, target: /v}",
        "networks.*.ipam.config": "{subnet: 10.0.0.0/8}",
    ]

    static let cases: [Case] = lists(in: .fields(.project), at: []) { $0 }

    @Test("the table of attributes has all the lists there are")
    func complete() {
        let names = Set(Self.cases.map(\.name))
        #expect(names.count > 60)
        #expect(Self.unique.union(Self.distinct).subtracting(names).isEmpty)
    }

    @Test("a list keeps a repeated element, unless it is one of unique elements", arguments: cases)
    func repeated(_ list: Case) throws {
        var options = LoadOptions.test()
        options.without = [.checkReferences, .normalise, .resolveEnvironment, .dropResources]
        options.profiles = ["*"]
        if Self.distinct.contains(list.name) {
            let error = #expect(throws: ComposeError.self) { try load(list.text, options: options) }
            // A host and its address, in one of two spellings, are one pair by then.
            let element = list.name.hasSuffix("extra_hosts") ? "a=1" : "a:1"
            #expect(error?.problems.map(\.message) == ["\"\(element)\" is listed twice"])
            return
        }
        let root = try load(list.text, options: options).root
        let found = list.path.reduce(Optional(root)) { node, key in
            if key == "[]" { return node?.list?.first }
            return key == "*" ? node?.map?.values.first : node?[key]
        }
        let count = try #require(found?.list, "\(list.text)").count
        let isHealthTest = list.path.last == "test"
        #expect(count == (Self.unique.contains(list.name) ? 1 : isHealthTest ? 3 : 2))
    }

    @Test("an element that two files list is refused, and both places are named")
    func acrossFiles() {
        let files = [
            "compose.override.yaml": "services: {web: {security_opt: [b, a]}}"
        ]
        #expect(
            problems("services: {web: {image: x, security_opt: [a]}}", files: files)
                == "compose.override.yaml:1:36: services.web.security_opt[2]: \"a\" is listed twice; "
                + "remove one; the other one is at compose.yaml:1"
        )
        #expect(problems("services: {web: {image: x, security_opt: [a, !reset a, a]}}") == "")
    }

    /// Walks the table; `wrap` makes a whole file of the text of the value at the path.
    private static func lists(
        in shape: Shape,
        at path: [String],
        _ wrap: (String) -> String
    ) -> [Case] {
        switch shape {
        case .form(let form): return lists(in: form.long, at: path, wrap)
        case .fields(let fields):
            return fields.attributes.flatMap { attribute in
                let others = fields.required.filter { $0 != attribute.key }
                    .map { "\($0): \(sample(fields[$0]?.shape ?? .string)), " }.joined()
                return lists(in: attribute.shape, at: path + [attribute.key]) {
                    wrap("{\(others)\(attribute.key): \($0)}")
                }
            }
        case .named(let entry, _), .dictionary(let entry):
            return lists(in: entry, at: path + ["*"]) { wrap("{n: \($0)}") }
        case .list(let element):
            let item = elements[path.joined(separator: ".")] ?? sample(element)
            return [Case(path: path, text: wrap("[\(item), \(item)]"))]
                + lists(in: element, at: path + ["[]"]) { wrap("[\($0)]") }
        case .strings, .command: return [Case(path: path, text: wrap("[a, a]"))]
        case .healthcheckTest: return [Case(path: path, text: wrap("[CMD, a, a]"))]
        default: return []
        }
    }

    /// A value of a shape, in one line.
    private static func sample(_ shape: Shape) -> String {
        switch shape {
        case .string, .text, .anything: return "a:1"
        case .path: return "/x"
        case .boolean: return "true"
        case .integer(let range): return String(max(range.lowerBound, 1))
        case .number, .bytes, .wholeBytes: return "1"
        case .word(let words): return words[0]
        case .duration: return "1s"
        case .fileMode, .modeNumber: return "\"0600\""
        case .strings, .command: return "[a]"
        case .healthcheckTest: return "[CMD, a]"
        case .pairs: return "{a: b}"
        case .list(let element): return "[\(sample(element))]"
        case .named(let entry, _), .dictionary(let entry): return "{n: \(sample(entry))}"
        case .form(let form): return sample(form.long)
        case .fields(let fields):
            let keys = fields.required.isEmpty ? [fields.attributes[0].key] : fields.required
            let parts = keys.map { "\($0): \(sample(fields[$0]?.shape ?? .string))" }
            return "{\(parts.joined(separator: ", "))}"
        }
    }
}
