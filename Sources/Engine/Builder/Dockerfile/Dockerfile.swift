/// A Dockerfile that has been read, checked and cut into stages. Nothing is expanded yet.
package struct Dockerfile: Equatable, Sendable {
    /// The file's name for messages.
    package var name: String
    /// What joins lines: a backslash, or what `# escape=` says.
    package var escape: Unicode.Scalar
    /// ARG before the first FROM: visible to FROM lines only.
    package var globalArguments: [ArgumentDeclaration] = []
    /// In the order of the file.
    package var stages: [Stage] = []
    /// The physical lines, for excerpts.
    package var source: [String]

    /// FROM and what follows up to the next one.
    package struct Stage: Equatable, Sendable {
        /// The name after AS, in lower case.
        package var name: String?
        /// What FROM names, not expanded.
        package var base: String
        /// `--platform`, not expanded.
        package var platform: String?
        /// Of FROM, counted from 1.
        package var lines: ClosedRange<Int>
        /// Everything after FROM.
        package var steps: [Step] = []
    }

    /// One instruction at its place.
    package struct Step: Equatable, Sendable {
        package var instruction: Instruction
        /// The logical line with blanks trimmed, for progress.
        package var text: String
        package var lines: ClosedRange<Int>
    }

    /// Most stages; each name is looked up among those before it.
    static let maximumStages = 10_000

    /// Parses and checks the whole file; every problem in it is thrown at once. With
    /// `ignoresSyntax` the `syntax` directive may name any frontend: it is ours that reads the
    /// file (build argument `BUILDKIT_SYNTAX=dockerfile.v0`).
    package init(
        parsing text: String,
        name: String = "Dockerfile",
        ignoresSyntax: Bool = false
    ) throws(DockerfileError) {
        let directives = try Directives(of: text, file: name)
        self.name = name
        escape = directives.escape
        source = LineReader.physicalLines(of: text).map(String.init)
        var problems: [DockerfileError.Problem] = []
        if !ignoresSyntax, let syntax = directives.syntax, !Self.isOurs(syntax.value) {
            problems.append(
                .init(
                    line: syntax.line,
                    message: "frontend \(syntax.value) is not supported; "
                        + "only docker/dockerfile is, and it is built in"
                )
            )
        }
        var nodes: [InstructionNode] = []
        Self.read(text, escape: escape, into: &nodes, problems: &problems)
        if nodes.isEmpty, problems.isEmpty {
            problems.append(.init(line: 0, message: "file with no instructions"))
        }
        for node in nodes {
            do throws(InstructionError) {
                try add(node)
            } catch {
                problems.append(.init(line: node.lines.lowerBound, message: error.message))
            }
        }
        if stages.isEmpty, problems.isEmpty {
            problems.append(.init(line: 0, message: "no build stage in current context"))
        }
        guard problems.isEmpty else {
            let ordered = problems.sorted { $0.line < $1.line }
            throw DockerfileError(file: name, problems: ordered)
        }
    }

    /// Reads the nodes of a file, those that are wrong by themselves become problems.
    package static func nodes(
        of text: String,
        name: String = "Dockerfile"
    ) throws(DockerfileError) -> [InstructionNode] {
        let directives = try Directives(of: text, file: name)
        var nodes: [InstructionNode] = []
        var problems: [DockerfileError.Problem] = []
        read(text, escape: directives.escape, into: &nodes, problems: &problems)
        if nodes.isEmpty, problems.isEmpty {
            problems.append(.init(line: 0, message: "file with no instructions"))
        }
        if !problems.isEmpty { throw DockerfileError(file: name, problems: problems) }
        return nodes
    }

    /// The nodes that can be read, for the checks; what is wrong with the others is the parser's to say.
    static func readableNodes(of text: String, _ directives: Directives) -> [InstructionNode] {
        var nodes: [InstructionNode] = []
        var problems: [DockerfileError.Problem] = []
        read(text, escape: directives.escape, into: &nodes, problems: &problems)
        if let first = nodes.first, directives.lines.contains(first.lines.lowerBound - 1) {
            // Directives are no comments.
            nodes[0].comments.removeFirst(min(directives.lines.count, first.comments.count))
        }
        return nodes
    }

    private static func read(
        _ text: String,
        escape: Unicode.Scalar,
        into nodes: inout [InstructionNode],
        problems: inout [DockerfileError.Problem]
    ) {
        var reader = LineReader(text, escape: escape)
        let limit = LineReader.maximumLineBytes
        problems += reader.tooLong.map {
            .init(line: $0, message: "dockerfile line greater than max allowed size of \(limit)")
        }
        guard problems.isEmpty else { return }
        while let line = reader.next() {
            do throws(InstructionError) {
                var node = try InstructionNode(
                    line: line.text,
                    lines: line.lines,
                    escape: escape
                )
                if node.mayOpenHeredocs {
                    for var heredoc in Heredoc.opened(in: line.text) {
                        guard reader.readBody(of: &heredoc) else {
                            throw InstructionError("unterminated heredoc \(heredoc.name)")
                        }
                        node.heredocs.append(heredoc)
                    }
                    node.lines = line.lines.lowerBound...reader.lineNumber
                }
                let around = line.surroundings
                node.comments = around.comments.map(\.text)
                node.column = around.indentation + 1
                node.hasEmptyContinuation = around.hasEmptyContinuation
                node.continuationEnd = line.lines.upperBound
                nodes.append(node)
            } catch {
                problems.append(.init(line: line.lines.lowerBound, message: error.message))
            }
        }
    }

    private mutating func add(_ node: InstructionNode) throws(InstructionError) {
        if node.keyword.lowercased() == "from" {
            guard stages.count < Self.maximumStages else {
                throw InstructionError("more than \(Self.maximumStages) stages")
            }
            stages.append(try Stage(node))
            return
        }
        let instruction = try Instruction(node)
        if stages.isEmpty {
            guard case .arg(let declarations) = instruction else {
                throw InstructionError("no build stage in current context; FROM must come first")
            }
            globalArguments += declarations
            return
        }
        stages[stages.count - 1].steps.append(
            Step(
                instruction: instruction,
                text: node.text.trimmingBlanks(),
                lines: node.lines
            )
        )
    }

    /// The frontends that are this language.
    private static func isOurs(_ syntax: String) -> Bool {
        var name = Substring(syntax)
        for prefix in ["docker.io/", "index.docker.io/"] where name.hasPrefix(prefix) {
            name = name.dropFirst(prefix.count)
        }
        let repository = name.prefix { $0 != ":" && $0 != "@" }
        return repository == "docker/dockerfile" || repository == "docker/dockerfile-upstream"
            || name == "dockerfile.v0"
    }
}

extension Dockerfile.Stage {
    /// `FROM [--platform=P] IMAGE [AS NAME]`.
    fileprivate init(_ node: InstructionNode) throws(InstructionError) {
        var flags = try InstructionFlags(node, .init(strings: ["platform"]))
        guard case .words(let words) = node.arguments, [1, 3].contains(words.count) else {
            throw InstructionError("FROM requires either one or three arguments")
        }
        base = words[0]
        platform = flags.take("platform")
        lines = node.lines
        guard words.count == 3 else { return }
        guard words[1].lowercased() == "as" else {
            throw InstructionError("FROM requires either one or three arguments")
        }
        let name = words[2].lowercased()
        let valid = name.utf8.allSatisfy {
            ASCII.isLetter($0) || ASCII.isDigit($0) || "-_.".utf8.contains($0)
        }
        guard valid, let first = name.utf8.first, ASCII.isLetter(first) else {
            throw InstructionError(
                "invalid name for build stage: \"\(words[2])\", "
                    + "name can't start with a number or contain symbols"
            )
        }
        self.name = name
    }
}
