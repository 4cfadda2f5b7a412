import OCI

/// A mount of a RUN with everything expanded.
struct ResolvedMount: Sendable {
    /// What was written, its words expanded.
    var mount: RunMount
    /// Where its files come from; nil for those that have none.
    var source: BuildPlan.Source?
    /// Absolute; empty for a secret that is only a variable.
    var target: String
    /// Of a cache, a secret or an agent.
    var id: String
    /// A path in `source`, which begins with a slash.
    var path: String

    init(
        _ written: RunMount,
        from source: BuildPlan.Source?,
        number: Int,
        in state: StageState
    ) throws {
        var mount = written
        let scope = state.scope
        mount.from = try mount.from.map { try scope.word($0) }
        mount.source = try mount.source.map { try scope.word($0) }
        mount.target = try mount.target.map { try scope.word($0) }
        mount.id = try mount.id.map { try scope.word($0) }
        self.mount = mount
        self.source = source
        path = PathText.absolute(mount.source ?? "/", in: "/")
        let asked = mount.target.map { PathText.absolute($0, in: state.workingDirectory) }
        switch mount.kind {
        case .bind, .tmpfs:
            id = ""
            target = asked ?? ""
        case .cache:
            target = asked ?? ""
            id = mount.id.flatMap { $0.isEmpty ? nil : $0 } ?? target
            guard mount.source == nil || mount.from != nil else {
                throw InstructionError(
                    "cache mount with a source needs a from: what it begins with comes from there"
                )
            }
        case .secret:
            id = mount.id ?? mount.source ?? Self.lastName(of: asked ?? "")
            let usual = "/run/secrets/" + Self.lastName(of: id)
            target = asked ?? (mount.variable == nil ? usual : "")
        case .ssh:
            id = mount.id.flatMap { $0.isEmpty ? nil : $0 } ?? "default"
            target = asked ?? "/run/buildkit/ssh_agent.\(number)"
        }
        guard target != "/" else {
            throw InstructionError(
                "invalid mount target \"/\"; mount beneath a folder of the image"
            )
        }
        guard mount.kind != .secret || !id.isEmpty else {
            throw InstructionError("invalid secret mount. one of source, target required")
        }
    }

    private static func lastName(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? ""
    }

    /// Adds what the step's result depends on: what the step sees, and nothing that comes and goes as
    /// the content of caches and secrets does.
    func add(to key: inout KeyDigest) {
        key.add(mount.kind.rawValue)
        key.add(target)
        // As BuildKit: which cache it is that comes and goes does not matter either.
        key.add(mount.kind == .cache ? "" : id)
        key.add(path)
        key.add(mount.isReadOnly ? 1 : 0)
        key.add(mount.sharing.rawValue)
        key.add(UInt64(bitPattern: mount.sizeBytes ?? -1))
        for number in [mount.mode, mount.user, mount.group] {
            key.add(number.map { "\($0)" } ?? "")
        }
        key.add(mount.variable ?? "")
    }
}
