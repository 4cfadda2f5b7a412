/// A part of a repository that becomes a service: its language, and the Dockerfile for it.
struct Stack: Equatable {
    /// As people call it.
    var language: String
    /// Where it listens; nil for what serves nothing.
    var port: UInt16?
    /// What was seen, and what to check, as comments of the service.
    var notes: [String]
    var dockerfile: String
    /// Lines for `.dockerignore` besides those that all have.
    var ignored: [String] = []
    /// What names the databases: the dependencies as they are written.
    var dependencies = ""
    /// Which of its files says nothing since it is damaged.
    var warning: String?

    /// Every language that is known, the most telling first: a folder with `package.json` beside
    /// `go.mod` is one of Go with a page.
    static let detectors: [@Sendable (Repository) -> Stack?] = [
        dotNet, java, rust, go, swift, ruby, php, python, node, staticPages,
    ]

    /// The language of a folder; nil when none is known.
    static func of(_ repository: Repository) -> Stack? {
        for detect in detectors {
            if let stack = detect(repository) { return stack }
        }
        return nil
    }

    /// Every Dockerfile begins like this.
    static let head = """
        # syntax=docker/dockerfile:1
        # Written by `berth init`. Read the comments, and change what does not fit.

        """

    /// The first match of `pattern`'s only group in a text.
    static func first(_ pattern: Regex<(Substring, Substring)>, in text: String) -> String? {
        text.firstMatch(of: pattern).map { String($0.1) }
    }

    /// A name as it may stand in a path and in an instruction without quotes; nil for any other.
    static func plain(_ name: String?) -> String? {
        guard let name, !name.isEmpty, name.utf8.count <= 100,
            name.wholeMatch(of: /[A-Za-z0-9._-]+/) != nil, name != ".", name != ".."
        else { return nil }
        return name
    }
}
