import OCI

/// The variables that a line of a stage sees: those of ENV and ARG together, where the later of two
/// of one name counts (BuildKit's rule; the classic builder and buildah let ENV win).
struct StageScope: Sendable {
    /// An ARG in scope; without a value it is declared and unset.
    struct Argument: Hashable, Sendable {
        var name: String
        var value: String?
    }

    let escape: Unicode.Scalar
    /// `--build-arg`.
    private let given: [String: String]
    /// ARG before the first FROM, and the platform's.
    private var globals: [String: String]
    /// The scope before the first FROM: platform arguments need no declaration.
    var isGlobal = false
    /// In the order of their first declaration.
    private(set) var arguments: [Argument] = []
    /// `NAME=value`, in the order of their first definition.
    private(set) var environment: [String] = []
    /// Where in it each name is: a file may have a hundred thousand of them.
    private var places: [String: Int] = [:]
    /// ARGs that got their value after an ENV of the same name.
    private var laterThanEnvironment: Set<String> = []

    /// Passed to RUN without a declaration, and of no account for the cache.
    static let proxies = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"]
        .flatMap { [$0, $0.lowercased()] }

    init(escape: Unicode.Scalar, given: [String: String], predefined: [String: String]) {
        self.escape = escape
        self.given = given
        globals = predefined
    }

    /// Takes the environment of what the stage begins with.
    mutating func begin(with list: [String]) {
        environment = list
        places = [:]
        for (index, entry) in list.enumerated() { places[Environment.name(of: entry)] = index }
    }

    /// The value that an ENV gave, or the image below.
    private func environmentValue(of name: String) -> String? {
        places[name].map { index in
            let entry = environment[index].utf8
            return String(decoding: entry.dropFirst(name.utf8.count + 1), as: UTF8.self)
        }
    }

    /// Names that have a value without anybody's ARG.
    var predefinedNames: Set<String> { Set(globals.keys) }

    /// The scope with which a stage begins that has no stage below it.
    var stageScope: StageScope {
        var scope = self
        scope.isGlobal = false
        scope.globals = globals.merging(
            arguments.compactMap { argument in argument.value.map { (argument.name, $0) } },
            uniquingKeysWith: { $1 }
        )
        scope.arguments = []
        scope.laterThanEnvironment = []
        return scope
    }

    /// The value of a variable; nil when it is unset.
    func value(of name: String) -> String? {
        if !laterThanEnvironment.contains(name),
            let value = environmentValue(of: name)
        {
            return value
        }
        if let argument = arguments.first(where: { $0.name == name }) { return argument.value }
        return isGlobal ? globals[name] : nil
    }

    /// Expands one word of this line.
    func word(_ text: String) throws(ShellExpansionError) -> String {
        // Most words have nothing to expand.
        guard text.utf8.contains(where: { "$'\"".utf8.contains($0) || $0 == UInt8(ascii: escape) })
        else { return text }
        return try ShellExpansion(escape: escape).expand(text, value(of:)).word
    }

    /// The variables in a text that have no value, sorted; none where the text cannot be expanded.
    func unset(in text: String) -> [String] {
        // `try?`: expanding it, later, reports what is wrong with it.
        (try? ShellExpansion(escape: escape).expand(text, value(of:)))?.missing.sorted() ?? []
    }

    /// Expands a text and splits it at blanks.
    func words(_ text: String) throws(ShellExpansionError) -> [String] {
        try ShellExpansion(escape: escape).expand(text, value(of:)).words
    }

    /// Expands the body of a here-document: quotes mean nothing, and a backslash goes, whatever it
    /// stands before and whatever the `escape` directive says, as in BuildKit.
    func body(_ text: String) throws(ShellExpansionError) -> String {
        var shell = ShellExpansion()
        shell.ignoresQuotes = true
        return try shell.expand(text, value(of:)).word
    }

    /// Carries out one declaration of an ARG. The command line wins over the default, the default
    /// over a global ARG. Without any of them an ENV of that name is left alone.
    @discardableResult
    mutating func declare(
        _ declaration: ArgumentDeclaration
    ) throws(ShellExpansionError) -> Argument {
        let name = try word(declaration.name)
        var value: String?
        if let written = declaration.value { value = try word(written) }
        var argument = Argument(name: name, value: given[name] ?? value ?? globals[name])
        if argument.value != nil { laterThanEnvironment.insert(name) }
        guard let index = arguments.firstIndex(where: { $0.name == name }) else {
            arguments.append(argument)
            return argument
        }
        // A declaration that says nothing leaves what the stage below said.
        argument.value = argument.value ?? arguments[index].value
        arguments[index] = argument
        return argument
    }

    /// Carries out an ENV; all values see the variables as they were before it.
    @discardableResult
    mutating func set(
        _ pairs: [InstructionNode.Pair]
    ) throws(ShellExpansionError) -> [(name: String, value: String)] {
        var expanded: [(name: String, value: String)] = []
        for pair in pairs { expanded.append((try word(pair.name), try word(pair.value))) }
        for (name, value) in expanded {
            if let index = places[name] {
                environment[index] = "\(name)=\(value)"
            } else {
                places[name] = environment.count
                environment.append("\(name)=\(value)")
            }
            laterThanEnvironment.remove(name)
        }
        return expanded
    }

    /// ARGs that are environment of a RUN, those that ENV hides left out.
    var visibleArguments: [(name: String, value: String)] {
        arguments.compactMap { argument in
            guard let value = argument.value,
                laterThanEnvironment.contains(argument.name)
                    || places[argument.name] == nil
            else { return nil }
            return (argument.name, value)
        }
    }

    /// Every ARG of the stage with the value that counts, as the history of a RUN lists them.
    var declaredArguments: [(name: String, value: String)] {
        arguments.map { ($0.name, value(of: $0.name) ?? "") }
    }

    /// Proxies from the command line that the stage does not declare.
    var undeclaredProxies: [(name: String, value: String)] {
        Self.proxies.compactMap { name in
            guard let value = given[name], !arguments.contains(where: { $0.name == name }),
                places[name] == nil
            else { return nil }
            return (name, value)
        }
    }
}

/// Lists of `NAME=value`.
enum Environment {
    /// What stands before the first `=`.
    static func name(of entry: String) -> String { String(entry.prefix { $0 != "=" }) }

    static func value(of name: String, in list: [String]) -> String? {
        let prefix = name + "="
        return list.last { $0.utf8.starts(with: prefix.utf8) }.map {
            String(decoding: $0.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        }
    }

    /// Replaces a value in its place, or adds it at the end.
    static func set(_ name: String, _ value: String, in list: inout [String]) {
        let prefix = name + "="
        if let index = list.firstIndex(where: { $0.utf8.starts(with: prefix.utf8) }) {
            list[index] = prefix + value
        } else {
            list.append(prefix + value)
        }
    }
}

/// The platform arguments that every build has.
enum PlatformArguments {
    static func all(target: String?, platform: Platform) -> [String: String] {
        var result: [String: String] = [:]
        for (prefix, platform) in [("TARGET", platform), ("BUILD", Platform.host)] {
            result[prefix + "PLATFORM"] = platform.description
            result[prefix + "OS"] = platform.os
            result[prefix + "ARCH"] = platform.architecture
            result[prefix + "VARIANT"] = platform.variant ?? ""
        }
        result["TARGETSTAGE"] = target.flatMap { $0.isEmpty ? nil : $0 } ?? "default"
        return result
    }
}
