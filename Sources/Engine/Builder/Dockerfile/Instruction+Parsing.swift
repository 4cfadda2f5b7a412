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
        case "ADD", "COPY": self = .copy(try CopyInstruction(node))
        case "ONBUILD": self = .onBuild(try Self.trigger(node))
        case "RUN": self = .run(try Self.runCommand(node), try RunOptions(node))
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

    /// A trigger is checked where it is written; who builds upon the image cannot mend it.
    private static func trigger(_ node: InstructionNode) throws(InstructionError) -> String {
        _ = try InstructionFlags(node)
        guard case .instruction(let trigger) = node.arguments, !trigger.keyword.isEmpty else {
            throw InstructionError("ONBUILD requires at least one argument")
        }
        let keyword = trigger.keyword.uppercased()
        if keyword == "ONBUILD" {
            throw InstructionError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
        }
        guard keyword != "FROM", keyword != "MAINTAINER" else {
            throw InstructionError("\(keyword) isn't allowed as an ONBUILD trigger")
        }
        var inner = trigger
        inner.heredocs = node.heredocs
        _ = try Instruction(inner)
        let bodies = node.heredocs.map { "\n" + $0.content + $0.name }
        return trigger.text.trimmingBlanks() + bodies.joined()
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
        if node.heredocs.count == 1, words.count == 1 {
            return .script(first.text, name: first.name)
        }
        // The shell reads the bodies as written: it strips the tabs of `<<-` itself.
        let bodies = node.heredocs.map { "\n" + $0.content + $0.name }
        return .shell(text + bodies.joined())
    }
}
