import ArgumentParser

/// How one command's flags and options are written.
struct CommandSpellings {
    /// A flag: something that is on or off.
    struct Flag {
        /// `-f`
        var short: String?
        /// `--force`
        var long: String?
        /// `--no-human`, for a flag that can be turned off.
        var opposite: String?
    }

    /// By every spelling.
    private(set) var flags: [String: Flag] = [:]
    /// What takes a value, by every spelling: the one that `=` may follow.
    private(set) var options: [String: String] = [:]

    init(of type: any ParsableCommand.Type) throws {
        let arguments = try CommandDescription(of: type).arguments
        for argument in arguments {
            switch argument.kind {
            case .flag:
                let opposite = argument.long.map { "--no-" + $0.dropFirst(2) }
                let flag = Flag(
                    short: argument.short,
                    long: argument.long,
                    opposite: opposite.flatMap { opposite in
                        arguments.contains {
                            $0.kind == .flag && $0.spellings.contains(opposite)
                        } ? opposite : nil
                    }
                )
                for name in argument.spellings { flags[name] = flag }
            case .option:
                for name in argument.spellings { options[name] = argument.long ?? name }
            case .positional: continue
            }
        }
    }
}
