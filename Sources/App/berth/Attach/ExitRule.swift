/// What the ends of containers mean to an attached `up`: whether everything is stopped, and the exit
/// code of the command. A pure state machine.
struct ExitRule: Equatable, Sendable {
    enum Abortion: Equatable, Sendable { case never, onExit, onFailure }

    let abortion: Abortion
    /// `--exit-code-from`.
    let codeFrom: String?
    /// Services whose ends count: those whose logs are shown.
    private let services: Set<String>
    /// Services that others wait for to complete: their success ends nothing.
    private let jobs: Set<String>
    /// The code of the end that stopped everything.
    private var aborting: Int32?
    /// The code of the first end of `codeFrom`.
    private var chosen: Int32?

    init(
        _ abortion: Abortion,
        codeFrom: String? = nil,
        services: Set<String>,
        jobs: Set<String> = []
    ) {
        self.abortion = abortion
        self.codeFrom = codeFrom
        self.services = services
        self.jobs = jobs
    }

    /// Takes the end of a container that nothing starts again; true when the others are to be
    /// stopped now, once.
    mutating func ended(_ service: String, code: Int32) -> Bool {
        if service == codeFrom { chosen = chosen ?? code }
        guard aborting == nil, aborts(service, code) else { return false }
        aborting = code
        return true
    }

    private func aborts(_ service: String, _ code: Int32) -> Bool {
        guard service == codeFrom || services.contains(service) else { return false }
        return switch abortion {
        case .never: false
        case .onFailure: code != 0
        case .onExit: code != 0 || service == codeFrom || !jobs.contains(service)
        }
    }

    /// Whether the end of the chosen service is still to be heard of.
    var lacksCode: Bool { codeFrom != nil && chosen == nil }

    /// That of the command; zero while nothing was aborted.
    var exitCode: Int32 { chosen ?? aborting ?? 0 }
}
