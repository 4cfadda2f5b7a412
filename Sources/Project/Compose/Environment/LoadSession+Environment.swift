import OrderedCollections

/// The project environment: the caller's, and beneath it the `.env` files.
extension LoadSession {
    /// Adds the variables of an env file to `values`; those in `known` win where they are used.
    /// - Returns: whether the file could be read.
    @discardableResult
    mutating func readEnvFile(
        _ path: String,
        askedAt place: Mark,
        known: [String: String],
        isRaw: Bool = false,
        missing: String? = nil,
        attribute: String? = nil,
        into values: inout [String: String]
    ) -> Bool {
        let content = during(.file) {
            $0.namedFile(path, askedAt: place, missing: missing, attribute: attribute)
        }
        guard let content else { return false }
        return during(.environment) {
            $0.read(content, askedAt: place, known: known, isRaw: isRaw, into: &values)
        }
    }

    private mutating func read(
        _ content: (mark: Mark, bytes: [UInt8]),
        askedAt place: Mark,
        known: [String: String],
        isRaw: Bool,
        into values: inout [String: String]
    ) -> Bool {
        let (file, bytes) = content
        guard isRoomForVariables(of: bytes.count, askedAt: place) else { return false }
        var unset: [(String, Int)] = []
        var events: [EnvFileParser.Event] = []
        var parser = EnvFileParser(
            lookup: { known[$0] },
            unset: { unset.append(($0, $1)) },
            limit: diagnostics.budget.textBytes,
            variableLimit: limits.fileVariables
        )
        if diagnostics.provenance != nil { parser.noticed = { events.append($0) } }
        defer { diagnostics.provenance?.read(events, values, in: bytes, file: file) }
        do {
            let count =
                isRaw
                ? try parser.parseRaw(bytes, into: &values)
                : try parser.parse(bytes, into: &values)
            diagnostics.budget.variables -= count
        } catch {
            diagnostics.problem(
                error.message,
                at: Mark(
                    file: file.file,
                    line: UInt32(error.line),
                    column: UInt32(error.column)
                ),
                path: ""
            )
        }
        for (name, line) in unset {
            diagnostics.unset(name, at: Mark(file: file.file, line: UInt32(line), column: 1))
        }
        return true
    }

    /// The env files the user asked for, by flag or `COMPOSE_ENV_FILES`; nil when none.
    private var explicitEnvFiles: [String]? {
        if !options.envFiles.isEmpty { return options.envFiles }
        guard let list = options.environment["COMPOSE_ENV_FILES"], !list.isEmpty else { return nil }
        return list.split(separator: ",").map(String.init)
    }

    /// The environment as it is before the config files are known.
    mutating func initialEnvironment() -> [String: String] {
        let environment = options.environment
        let disabled = "COMPOSE_DISABLE_ENV_FILE"
        if let text = environment[disabled], !Self.isTrue(text), !Self.isFalse(text) {
            diagnostics.problem(
                "\(disabled) takes true or false, not \"\(text)\"",
                at: .commandLine
            )
        }
        var added: [String: String] = [:]
        if let explicit = explicitEnvFiles {
            for file in explicit {
                readEnvFile(
                    absolute(file),
                    askedAt: .commandLine,
                    known: environment,
                    missing: "couldn't find env file: \(absolute(file))",
                    into: &added
                )
            }
        } else if let first = options.files.first(where: { $0 != "-" }) {
            let folder = options.projectDirectory ?? PathBase.parent(first)
            readDefaultEnvFile(in: absolute(folder), environment, into: &added)
        } else {
            readDefaultEnvFile(
                in: absolute(options.projectDirectory ?? "."),
                environment,
                into: &added
            )
        }
        diagnostics.provenance?.adopt()
        return environment.merging(added) { known, _ in known }
    }

    /// Adds `.env` of the project directory, where it was not read already.
    mutating func addProjectEnvFile(_ directory: String, to environment: inout [String: String]) {
        guard explicitEnvFiles == nil else { return }
        var added: [String: String] = [:]
        readDefaultEnvFile(in: directory, environment, into: &added)
        diagnostics.provenance?.adopt()
        environment.merge(added) { known, _ in known }
    }

    private mutating func readDefaultEnvFile(
        in directory: String,
        _ environment: [String: String],
        into values: inout [String: String]
    ) {
        let path = PathBase.cleaned(directory + "/.env")
        guard !Self.isTrue(options.environment["COMPOSE_DISABLE_ENV_FILE"]),
            readDefaults.insert(path).inserted, files.kind(of: path) == .file
        else { return }
        readEnvFile(path, askedAt: .commandLine, known: environment, into: &values)
    }

    /// A path of the command line made absolute.
    func absolute(_ path: String) -> String {
        pathBase(options.workingDirectory).resolve(path)
    }

    /// How docker compose reads a boolean variable.
    static func isTrue(_ text: String?) -> Bool {
        ["1", "t", "true", "y", "yes", "on"].contains(text?.lowercased() ?? "")
    }

    private static func isFalse(_ text: String) -> Bool {
        ["", "0", "f", "false", "n", "no", "off"].contains(text.lowercased())
    }

    /// Folds `env_file` and `label_file` of the services into `environment` and `labels`, and
    /// gives variables without a value that of the project environment.
    mutating func resolveEnvironment(
        of root: inout Node,
        _ environment: [String: String],
        directory: String
    ) {
        root.update("services") { node in
            node.updateEach { name, service in
                inherit(&service, environment)
                foldEnvironment(of: &service, name, environment, directory)
                foldLabels(of: &service, name, directory)
            }
        }
    }

    private func inherit(_ service: inout Node, _ environment: [String: String]) {
        guard let own = service["environment"]?.map, own.values.contains(where: \.isNull) else {
            return
        }
        service.update("environment") { node in
            node.updateEach { key, value in
                if value.isNull, let known = environment[key] { value.value = .string(known) }
            }
        }
    }

    private mutating func foldEnvironment(
        of service: inout Node,
        _ name: String,
        _ environment: [String: String],
        _ directory: String
    ) {
        guard let list = service["env_file"]?.list else { return }
        let own = service["environment"]?.map ?? [:]
        let named = service["env_file"]?.mark ?? service.mark
        guard isRoomForVariables(of: 0, askedAt: named) else { return }
        // Variables of the files may use the project's and the service's own.
        var known = environment
        for (key, value) in own {
            if known[key] == nil, let text = value.string { known[key] = text }
        }
        if known.count > environment.count { spendCopy(of: environment) }
        var values: [String: String] = [:]
        for item in list {
            guard isRoomForName(at: item.mark, path: "services.\(name).env_file") else { break }
            guard let written = item["path"]?.string else { continue }
            let path = pathBase(directory).absolute(written)
            let isRequired = item["required"]?.bool ?? true
            if files.kind(of: path) == nil {
                guard isRequired else { continue }
                diagnostics.problem(
                    "env file \(path) not found",
                    at: item["path"]?.mark ?? item.mark,
                    hint: "create it, or write {path: …, required: false}",
                    path: "services.\(name).env_file"
                )
                continue
            }
            readEnvFile(
                path,
                askedAt: item.mark,
                known: known,
                isRaw: item["format"]?.string == "raw",
                attribute: "services.\(name).env_file",
                into: &values
            )
            note(
                values,
                of: "environment",
                service: name,
                .envFile,
                at: item.mark,
                known: known,
                own: own
            )
        }
        let place = service["env_file"] ?? service
        var result: Node.Mapping = [:]
        for key in values.keys.sorted() { result[key] = place.made(.string(values[key] ?? "")) }
        for (key, value) in own { result[key] = value }
        service.set("env_file", nil)
        if !result.isEmpty { service.set("environment", place.made(.map(result))) }
    }

    private mutating func foldLabels(
        of service: inout Node,
        _ name: String,
        _ directory: String
    ) {
        guard let list = service["label_file"]?.list else { return }
        var values: [String: String] = [:]
        for item in list {
            guard isRoomForName(at: item.mark, path: "services.\(name).label_file") else { break }
            guard let written = item.string else { continue }
            let path = pathBase(directory).absolute(written)
            readEnvFile(
                path,
                askedAt: item.mark,
                known: [:],
                missing: "label file \(path) not found",
                attribute: "services.\(name).label_file",
                into: &values
            )
            note(
                values,
                of: "labels",
                service: name,
                .labelFile,
                at: item.mark,
                known: [:],
                own: [:]
            )
        }
        let place = service["label_file"] ?? service
        var result: Node.Mapping = [:]
        for key in values.keys.sorted() { result[key] = place.made(.string(values[key] ?? "")) }
        for (key, value) in service["labels"]?.map ?? [:] { result[key] = value }
        service.set("label_file", nil)
        service.set("labels", place.made(.map(result)))
    }
}
