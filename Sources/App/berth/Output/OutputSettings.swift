/// How a command shows what it does: `--ansi`, `--progress`, `--parallel` and the variables that
/// stand for them, as docker compose reads them; those of the builder read BUILDKIT_PROGRESS first, as
/// buildx does. A flag beats its variable; NO_COLOR beats all.
struct OutputSettings {
    enum Ansi: String, CaseIterable {
        case auto, always, never
    }

    let ansi: Ansi
    /// `auto` or the name of a style.
    let progress: String
    /// How many things are worked on at the same time; nil leaves it to us.
    let parallel: Int?
    /// Where progress goes: COMPOSE_STATUS_STDOUT.
    let stream: Terminal.Stream
    private let refusesColour: Bool

    static let progressKinds = ["auto", "tty", "plain", "json", "quiet"]

    /// What a stream is, for the decisions.
    struct Surface {
        var isTerminal: Bool
        /// It is a terminal without colours and movements.
        var isDumb = false
    }

    init(
        ansi: String? = nil,
        progress: String? = nil,
        parallel: Int? = nil,
        ofBuilder: Bool = false,
        environment: [String: String]
    ) throws(Failure) {
        func variable(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        self.ansi = try Self.ansi(ansi ?? variable("COMPOSE_ANSI"), isFlag: ansi != nil)
        var asked = progress.map { ("--progress", $0) }
        // As buildx has it, `auto` leaves it to the variable, too.
        if ofBuilder, (progress ?? "auto") == "auto", let text = variable("BUILDKIT_PROGRESS") {
            asked = ("BUILDKIT_PROGRESS", text)
        }
        self.progress = try Self.progress(
            asked ?? variable("COMPOSE_PROGRESS").map { ("COMPOSE_PROGRESS", $0) }
        )
        var limit = parallel
        if limit == nil, let text = variable("COMPOSE_PARALLEL_LIMIT") {
            limit = Int(text)
            if limit == nil {
                throw Failure("COMPOSE_PARALLEL_LIMIT must be an integer (found: \"\(text)\")")
            }
        }
        self.parallel = limit.flatMap { $0 > 0 ? $0 : nil }
        let words = ["1", "t", "T", "TRUE", "true", "True"]
        stream = words.contains(environment["COMPOSE_STATUS_STDOUT"] ?? "") ? .out : .error
        refusesColour = variable("NO_COLOR") != nil
        switch (self.ansi, self.progress) {
        case (.never, "tty"):
            throw Failure("can't use --progress tty while ANSI support is disabled")
        case (.always, "plain"):
            throw Failure("can't use --progress plain while ANSI support is forced")
        default: break
        }
    }

    private static func ansi(_ text: String?, isFlag: Bool) throws(Failure) -> Ansi {
        guard let text else { return .auto }
        guard let ansi = Ansi(rawValue: text) else {
            let name = isFlag ? "--ansi" : "COMPOSE_ANSI"
            throw Failure("\(name) takes auto, always or never, not \(text)")
        }
        return ansi
    }

    private static func progress(
        _ asked: (name: String, value: String)?
    ) throws(Failure) -> String {
        guard let (name, text) = asked else { return "auto" }
        if text == "none" { return "quiet" }
        guard progressKinds.contains(text) else {
            throw Failure("\(name) takes auto, tty, plain, json, quiet or none, not \(text)")
        }
        return text
    }

    /// How progress is shown on a surface.
    func style(on surface: Surface) -> Progress.Style {
        if let style = Progress.Style(rawValue: progress) { return style }
        guard surface.isTerminal else { return .plain }
        switch ansi {
        case .never: return .plain
        case .always: return .tty
        case .auto: return surface.isDumb ? .plain : .tty
        }
    }

    /// Whether what is written there has colours.
    func usesColour(on surface: Surface) -> Bool {
        guard !refusesColour else { return false }
        switch ansi {
        case .never: return false
        case .always: return true
        case .auto: return surface.isTerminal && !surface.isDumb
        }
    }

    func usesColour(on stream: Terminal.Stream) -> Bool { usesColour(on: Surface(of: stream)) }
}

extension OutputSettings.Surface {
    /// What the stream is at the moment.
    init(of stream: Terminal.Stream) {
        self.init(isTerminal: Terminal.isInteractive(stream), isDumb: Terminal.isDumb)
    }
}
