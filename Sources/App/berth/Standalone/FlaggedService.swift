import Compose
import Foundation

/// A service that flags of docker's command line ask for, on its way through the phases that a compose
/// file goes through: each value has one grammar, whoever writes it.
///
/// What is wrong with a value is said of the flag that it came by.
struct FlaggedService {
    /// A value of a compose file.
    indirect enum Value: Encodable {
        case text(String)
        case flag(Bool)
        case number(Int)
        case list([Value])
        case map([String: Value])

        static func texts(_ texts: [String]) -> Value { .list(texts.map { .text($0) }) }

        /// A shell has put in what there was to put in: what is a variable of a file is none here.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text.replacing("$", with: "$$"))
            case .flag(let isOn): try container.encode(isOn)
            case .number(let number): try container.encode(number)
            case .list(let list): try container.encode(list)
            case .map(let map): try container.encode(map)
            }
        }
    }

    /// Which flag said an attribute, and its value if that is one.
    struct Origin: Equatable {
        var flag: String
        var value: String?
    }

    /// What the service is called where only this file is looked at.
    static let name = "container"
    private static let path = "/command line"

    private var root = Value.map(["image": .text("none")])
    /// By the path of the attribute: `healthcheck.interval`.
    private(set) var origins: [String: Origin] = [:]

    /// Says an attribute, given by its path: `healthcheck.interval`.
    mutating func set(_ attribute: String, _ value: Value, by flag: String) {
        let path = attribute.split(separator: ".").map(String.init)
        root = Self.setting(path[...], of: root, to: value)
        var origin = Origin(flag: flag)
        if case .text(let text) = value { origin.value = text }
        origins[attribute] = origin
    }

    /// The same of a flag that may not be given.
    mutating func set(_ attribute: String, _ text: String?, by flag: String) {
        if let text { set(attribute, .text(text), by: flag) }
    }

    /// The same of a flag that is given any number of times.
    mutating func set(_ attribute: String, _ texts: [String], by flag: String) {
        guard !texts.isEmpty else { return }
        set(attribute, .texts(texts), by: flag)
        for (index, text) in texts.enumerated() { note("\(attribute)[\(index)]", text, by: flag) }
    }

    /// Notes down which flag, with which value, said a part of an attribute.
    mutating func note(_ path: String, _ value: String?, by flag: String) {
        origins[path] = Origin(flag: flag, value: value)
    }

    /// The same of a flag that is on or off.
    mutating func set(_ attribute: String, ifOn isOn: Bool, by flag: String) {
        if isOn { set(attribute, .flag(true), by: flag) }
    }

    private static func setting(
        _ path: ArraySlice<String>,
        of tree: Value?,
        to value: Value
    ) -> Value {
        guard let key = path.first else { return value }
        var entries: [String: Value] = [:]
        if case .map(let map)? = tree { entries = map }
        entries[key] = setting(path.dropFirst(), of: entries[key], to: value)
        return .map(entries)
    }

    /// The project that has this service alone, as the phases of a load read it. Relative paths are
    /// meant against the current folder; variables without a value are taken from `environment`.
    /// - Throws: a `Failure` that names the flags, with docker's exit code for it.
    func project(_ environment: [String: String]) throws -> Project {
        try DockerValueRules.check(origins)
        let folder = try Machine.workingDirectory(insteadOfDeleted: "/")
        var options = LoadOptions(purpose: .run, workingDirectory: folder, environment: environment)
        options.files = [Self.path]
        options.projectDirectory = folder
        options.projectName = "standalone"
        options.envFiles = ["/dev/null"]
        options.without = [.checkReferences, .lint]
        let document: [String: Value] = [
            "services": .map([Self.name: root]), "networks": .map(networks),
        ]
        let text = try JSONEncoder().encode(document)
        do throws(ComposeError) {
            return try ComposeLoader(files: Files(text: Array(text))).load(options).project
        } catch {
            throw failure(error)
        }
    }

    /// Those that it is connected to: they are there, and whether they have what is asked of them is
    /// found when the container is made.
    private var networks: [String: Value] {
        guard case .map(let attributes) = root, case .map(let own)? = attributes["networks"] else {
            return [:]
        }
        return own.mapValues { _ in .map(["external": .flag(true)]) }
    }

    private func failure(_ error: ComposeError) -> Failure {
        let lines = error.problems.map { problem in
            words(problem.message, hint: problem.hint, at: problem.path, problem.kind)
        }
        var failure = Failure(usage: lines.first ?? error.description)
        failure.lines += lines.dropFirst()
        return failure
    }

    /// What is wrong, in docker's words for who wrote the flag.
    private func words(
        _ message: String,
        hint: String?,
        at path: String,
        _ kind: Problem.Kind
    ) -> String {
        let text = hint.map { "\(message); \($0)" } ?? message
        guard let origin = origin(of: path) else { return text }
        let name = origin.flag.split(separator: " ").last.map(String.init) ?? origin.flag
        if kind == .unsupported { return "\(name): \(text)" }
        let value = origin.value.map { "\"\($0)\" " } ?? ""
        return "invalid argument \(value)for \"\(origin.flag)\" flag: \(text)"
    }

    /// The flag by which the value at a path of the file came, or what is around it.
    func origin(of path: String) -> Origin? {
        var words = Substring(path)
        for prefix in ["services.\(Self.name).", "services.\(Self.name)"]
        where words.hasPrefix(prefix) { words = words.dropFirst(prefix.count) }
        while !words.isEmpty {
            if let origin = origins[String(words)] { return origin }
            guard let end = words.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
            words = words[..<end]
        }
        return nil
    }

    /// The machine's files, and one that the command line is.
    private struct Files: FileReader {
        let text: [UInt8]
        private let others = LocalFiles()

        init(text: [UInt8]) { self.text = text }

        func kind(of path: String) -> FileKind? {
            path == FlaggedService.path ? .file : others.kind(of: path)
        }

        func read(_ path: String) throws(FileReadError) -> [UInt8] {
            path == FlaggedService.path ? text : try others.read(path)
        }

        func names(in folder: String) -> [String] { others.names(in: folder) }

        func homeDirectory(ofUser name: String) -> String? { others.homeDirectory(ofUser: name) }
    }
}
