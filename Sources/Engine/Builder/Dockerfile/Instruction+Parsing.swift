import TextForms

extension Instruction {
    private static let known = [
        "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL",
        "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
    ]

    /// Gives a node its meaning; what is wrong or not carried out is thrown for its line.
    init(_ node: InstructionNode) throws(InstructionError) {
        let keyword = node.keyword.uppercased()
        switch keyword {
        case "ADD": throw InstructionError("ADD is not supported yet; use COPY")
        case "ONBUILD": throw InstructionError("ONBUILD is not supported yet")
        case "COPY": self = .copy(try CopyInstruction(node))
        case "RUN":
            _ = try InstructionFlags(
                node,
                unsupported: ["mount", "network", "security", "device"]
            )
            self = .run(try Self.runCommand(node))
        default:
            if keyword != "HEALTHCHECK" { _ = try InstructionFlags(node) }
            self = try Self.plain(keyword, node)
        }
    }

    /// The instructions without flags, and HEALTHCHECK.
    private static func plain(
        _ keyword: String,
        _ node: InstructionNode
    ) throws(InstructionError) -> Instruction {
        switch keyword {
        case "ARG": .arg(try declarations(node))
        case "ENV": .env(try pairs(node))
        case "LABEL": .label(try pairs(node))
        case "WORKDIR": .workdir(try text(node))
        case "USER": .user(try text(node))
        case "STOPSIGNAL": .stopSignal(try text(node))
        case "MAINTAINER": .maintainer(try text(node))
        case "EXPOSE": .expose(try list(node))
        case "VOLUME": .volume(try volumes(node))
        case "CMD": .cmd(command(node.arguments))
        case "ENTRYPOINT": .entrypoint(command(node.arguments))
        case "HEALTHCHECK": .healthcheck(try HealthcheckInstruction(node))
        case "SHELL": .shell(try shell(node))
        default: throw unknown(node.keyword)
        }
    }

    private static func unknown(_ keyword: String) -> InstructionError {
        guard let near = nearest(to: keyword, among: known) else {
            return InstructionError("unknown instruction: \(keyword)")
        }
        return InstructionError("unknown instruction: \(keyword) (did you mean \(near)?)")
    }

    private static func text(_ node: InstructionNode) throws(InstructionError) -> String {
        guard case .text(let text) = node.arguments else {
            throw InstructionError("\(node.keyword.uppercased()) requires exactly one argument")
        }
        return text
    }

    private static func list(_ node: InstructionNode) throws(InstructionError) -> [String] {
        switch node.arguments {
        case .words(let words) where !words.isEmpty: return words
        case .strings(let strings) where !strings.isEmpty: return strings
        default:
            throw InstructionError("\(node.keyword.uppercased()) requires at least one argument")
        }
    }

    private static func volumes(_ node: InstructionNode) throws(InstructionError) -> [String] {
        let volumes = try list(node).map { $0.trimmingBlanks() }
        if volumes.contains("") {
            throw InstructionError("VOLUME specified can not be an empty string")
        }
        return volumes
    }

    private static func pairs(
        _ node: InstructionNode
    ) throws(InstructionError) -> [InstructionNode.Pair] {
        let keyword = node.keyword.uppercased()
        guard case .pairs(let pairs, _) = node.arguments else {
            throw InstructionError("\(keyword) requires at least one argument")
        }
        if pairs.contains(where: { $0.name.isEmpty }) {
            throw InstructionError("\(keyword) names can not be blank")
        }
        return pairs
    }

    private static func declarations(
        _ node: InstructionNode
    ) throws(InstructionError) -> [ArgumentDeclaration] {
        var result: [ArgumentDeclaration] = []
        for word in try list(node) {
            guard let equals = word.firstIndex(of: "=") else {
                result.append(ArgumentDeclaration(name: word, value: nil))
                continue
            }
            let name = String(word[..<equals])
            if name.isEmpty { throw InstructionError("ARG names can not be blank") }
            let value = String(word[word.index(after: equals)...])
            result.append(ArgumentDeclaration(name: name, value: value))
        }
        return result
    }

    private static func shell(_ node: InstructionNode) throws(InstructionError) -> [String] {
        switch node.arguments {
        case .strings(let strings) where !strings.isEmpty: return strings
        case .strings, .none: throw InstructionError("SHELL requires at least one argument")
        default: throw InstructionError("SHELL requires the arguments to be in JSON form")
        }
    }

    static func command(_ arguments: InstructionNode.Arguments) -> StepCommand {
        switch arguments {
        case .strings(let strings): .exec(strings)
        case .text(let text): .shell(text)
        default: .shell("")
        }
    }

    /// A here-document alone is the script; with other words it is the shell's redirection.
    private static func runCommand(_ node: InstructionNode) throws(InstructionError) -> StepCommand
    {
        let command = command(node.arguments)
        guard !command.isEmpty else {
            throw InstructionError("RUN requires at least one argument")
        }
        guard case .shell(let text) = command, let first = node.heredocs.first else {
            return command
        }
        let words = Heredoc.joiningBareOpeners(text.splitAtBlanks())
        if node.heredocs.count == 1, words.count == 1 { return .script(first.text) }
        // The shell reads the bodies as written: it strips the tabs of `<<-` itself.
        let bodies = node.heredocs.map { "\n" + $0.content + $0.name }
        return .shell(text + bodies.joined())
    }
}

extension CopyInstruction {
    fileprivate init(_ node: InstructionNode) throws(InstructionError) {
        var flags = try InstructionFlags(
            node,
            strings: ["from", "chown", "chmod"],
            unsupported: ["link", "parents", "exclude"]
        )
        let written: [String]
        switch node.arguments {
        case .words(let list): written = Heredoc.joiningBareOpeners(list)
        case .strings(let list): written = list
        default: written = []
        }
        guard written.count >= 2, let last = written.last else {
            throw InstructionError(
                written.isEmpty
                    ? "COPY requires at least two arguments"
                    : "COPY requires at least two arguments, but only one was provided. "
                        + "Destination could not be determined"
            )
        }
        from = flags.take("from")
        owner = flags.take("chown")
        mode = flags.take("chmod")
        destination = last
        sources = []
        do {
            if try Heredoc(opening: last) != nil {
                throw InstructionError("COPY cannot accept a heredoc as a destination")
            }
            for source in written.dropLast() {
                guard case .words = node.arguments, let opener = try Heredoc(opening: source),
                    let body = node.heredocs.first(where: { $0.name == opener.name })
                else {
                    sources.append(source)
                    continue
                }
                inlineFiles.append(body)
            }
        } catch let error as InstructionError {
            throw error
        } catch {
            throw InstructionError("\(error)")
        }
        if !inlineFiles.isEmpty, from != nil {
            throw InstructionError("COPY --from cannot be used with a heredoc")
        }
    }
}

extension HealthcheckInstruction {
    fileprivate init(_ node: InstructionNode) throws(InstructionError) {
        guard case .typed(let type, let arguments) = node.arguments else {
            throw InstructionError("HEALTHCHECK requires at least one argument")
        }
        switch type.uppercased() {
        case "NONE":
            guard arguments == .none else {
                throw InstructionError("HEALTHCHECK NONE takes no arguments")
            }
            _ = try InstructionFlags(node)
            test = ["NONE"]
        case "CMD":
            switch Instruction.command(arguments) {
            case .exec(let words) where !words.isEmpty: test = ["CMD"] + words
            case .shell(let text) where !text.isEmpty: test = ["CMD-SHELL", text]
            default: throw InstructionError("Missing command after HEALTHCHECK CMD")
            }
            try readFlags(node)
        default:
            throw InstructionError(
                "Unknown type \"\(type.uppercased())\" in HEALTHCHECK (try CMD)"
            )
        }
    }

    private mutating func readFlags(_ node: InstructionNode) throws(InstructionError) {
        var flags = try InstructionFlags(
            node,
            strings: ["interval", "timeout", "start-period", "start-interval", "retries"]
        )
        interval = try Self.duration(flags.take("interval"), "interval")
        timeout = try Self.duration(flags.take("timeout"), "timeout")
        startPeriod = try Self.duration(flags.take("start-period"), "start-period")
        startInterval = try Self.duration(flags.take("start-interval"), "start-interval")
        guard let text = flags.take("retries") else { return }
        guard let number = Int32(text) else {
            throw InstructionError("--retries is not a number: \(text)")
        }
        guard number >= 0 else {
            throw InstructionError("--retries cannot be negative (\(number))")
        }
        // 0 keeps the default, as if it were not written.
        retries = number == 0 ? nil : Int(number)
    }

    private static func duration(
        _ text: String?,
        _ flag: String
    ) throws(InstructionError) -> Duration? {
        guard let text, !text.isEmpty else { return nil }
        guard let duration = GoDuration.parse(text).map(Duration.nanoseconds) else {
            throw InstructionError("--\(flag): invalid duration \"\(text)\"; write 30s or 1m30s")
        }
        if duration == .zero { return nil }
        guard duration >= .milliseconds(1) else {
            throw InstructionError("Interval \"\(flag)\" cannot be less than 1ms")
        }
        return duration
    }
}
