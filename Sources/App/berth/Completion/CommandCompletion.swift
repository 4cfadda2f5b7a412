import ArgumentParser

/// What one command's options and arguments may be.
struct CommandCompletion {
    private typealias Argument = CommandDescription.Argument

    private let type: any ParsableCommand.Type
    private let arguments: [Argument]
    /// The global options that stood before the command, in their long form.
    private let chosen: [String]

    init(_ type: any ParsableCommand.Type, _ chosen: [String]) {
        self.type = type
        self.chosen = chosen
        // A command that cannot be described has nothing to complete.
        arguments = (try? CommandDescription(of: type).arguments) ?? []
    }

    /// What may stand behind `words`, of which `current` is being written.
    func completions(behind words: ArraySlice<String>, _ current: String) -> Completions {
        let state = State(words, arguments)
        let written = Array(words)
        if let option = state.pending { return value(option, current, written) }
        if state.isPassedOn { return .none }
        if !state.isTerminated, current.hasPrefix("-") {
            if let sign = current.firstIndex(of: "="),
                let option = option(named: String(current[..<sign]))
            {
                let prefix = String(current[current.index(after: sign)...])
                return value(option, prefix, written)
            }
            return options(current, without: state.used)
        }
        return positional(state.positionals, current, written)
    }

    /// The options that begin with `prefix`, those that were written already left out.
    func options(_ prefix: String, without used: Set<String> = []) -> Completions {
        var candidates: [Completions.Candidate] = []
        // A command's own come first, as in its help.
        let own = arguments.filter { $0.sectionTitle != ProjectOptions.title }
        let global = arguments.filter { $0.sectionTitle == ProjectOptions.title }
        for argument in own + global
        where argument.shouldDisplay && argument.kind != .positional {
            let isUsed = !used.isDisjoint(with: argument.spellings)
            guard !isUsed || argument.isRepeating else { continue }
            for name in argument.spellings where name.hasPrefix(prefix) {
                candidates.append(.init(word: name, explanation: argument.abstract ?? ""))
            }
        }
        return Completions(candidates: candidates)
    }

    /// The values of the option that is called `name`.
    func value(of name: String, _ prefix: String) -> Completions {
        option(named: name).map { value($0, prefix, []) } ?? .none
    }

    private func option(named name: String) -> Argument? {
        arguments.first { $0.kind == .option && $0.spellings.contains(name) }
    }

    private func positional(_ index: Int, _ current: String, _ written: [String]) -> Completions {
        let all = arguments.filter { $0.kind == .positional }
        let argument =
            all.indices.contains(index)
            ? all[index] : all.last.flatMap { $0.isRepeating ? $0 : nil }
        guard let argument else { return .none }
        let place = all.firstIndex { $0.valueName == argument.valueName } ?? index
        let completions = value(argument, current, written, named: "positional@\(place)")
        guard argument.isRepeating else { return completions }
        // Nobody names a service twice.
        var others = completions
        others.candidates.removeAll { written.contains($0.word) }
        return others
    }

    private func value(
        _ argument: Argument,
        _ prefix: String,
        _ written: [String],
        named name: String? = nil
    ) -> Completions {
        guard let kind = argument.completionKind else { return .none }
        if let list = kind.list { return .words(list.values, startingWith: prefix) }
        if kind.directory != nil { return Completions(shell: .folders) }
        if let file = kind.file {
            guard !file.extensions.isEmpty else { return Completions(shell: .files) }
            return Completions(
                candidates: file.extensions.map { .init(word: $0) },
                shell: .filesWithExtension
            )
        }
        guard kind.custom != nil else { return .none }
        let words = asked(name ?? argument.long ?? argument.spellings.first ?? "", prefix, written)
        return .words(words, startingWith: prefix)
    }

    /// Asks the argument parser, which keeps what a command has to say of a value.
    private func asked(_ name: String, _ prefix: String, _ written: [String]) -> [String] {
        let words = [type.configuration.commandName ?? ""] + chosen + written + [prefix]
        do {
            _ = try type.parseAsRoot(
                ["---completion", "--", name, "\(words.count - 1)", "\(prefix.count)"] + words
            )
            return []
        } catch {
            // That is how it answers.
            guard type.exitCode(for: error).isSuccess else { return [] }
            return type.message(for: error).split(separator: "\n").map(String.init)
        }
    }

    /// Where a command line stands after some words.
    private struct State {
        /// The option whose value comes next.
        var pending: Argument?
        /// What was written of options, in every spelling.
        var used: Set<String> = []
        var positionals = 0
        /// `--` was written.
        var isTerminated = false
        /// What follows belongs to another program.
        var isPassedOn = false

        init(_ words: ArraySlice<String>, _ arguments: [Argument]) {
            let places = arguments.filter { $0.kind == .positional }
            for word in words {
                if pending != nil {
                    pending = nil
                } else if !isTerminated, word == "--" {
                    isTerminated = true
                } else if !isTerminated, word.hasPrefix("-"), word != "-" {
                    take(word, arguments)
                } else {
                    positionals += 1
                }
                isPassedOn =
                    places.indices.contains(positionals) && places[positionals].takesTheRest
                if isPassedOn, positionals > 0 { return }
            }
        }

        /// `--file`, `--file=a`, `-dt`, `-t5`
        private mutating func take(_ word: String, _ arguments: [Argument]) {
            let name = String(word.prefix { $0 != "=" })
            guard !word.hasPrefix("--") else {
                return take(name, hasValue: name != word, arguments)
            }
            var letters = name.dropFirst()
            while let letter = letters.popFirst() {
                let hasValue = !letters.isEmpty || name != word
                take("-\(letter)", hasValue: hasValue, arguments)
                let isOption = arguments.contains {
                    $0.kind == .option && $0.spellings.contains("-\(letter)")
                }
                if isOption { return }
            }
        }

        private mutating func take(_ name: String, hasValue: Bool, _ arguments: [Argument]) {
            used.insert(name)
            guard !hasValue else { return }
            pending = arguments.first { $0.kind == .option && $0.spellings.contains(name) }
        }
    }
}
