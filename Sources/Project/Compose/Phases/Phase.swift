/// One phase of a load: a row of the lists that the loader goes through from the first to the last.
struct Phase<Subject>: Sendable {
    /// What a phase has nothing to go by without.
    enum Need {
        /// Variables were replaced.
        case values
        /// What services refer to was looked for.
        case references
        /// Nothing was wrong so far, or only what may be set aside.
        case usableProject
    }

    let name: LoadPhase
    /// The kind of the problems that it finds.
    let kind: Problem.Kind
    let needs: [Need]
    let run: @Sendable (inout LoadSession, inout Subject) -> Void

    init(
        _ name: LoadPhase,
        finds kind: Problem.Kind,
        needs: [Need] = [],
        _ run: @escaping @Sendable (inout LoadSession, inout Subject) -> Void
    ) {
        self.name = name
        self.kind = kind
        self.needs = needs
        self.run = run
    }
}

extension LoadSession {
    /// Goes through phases that the load does not leave out. A phase does not end the load: what
    /// all of them find is reported together.
    mutating func run<Subject>(
        _ phases: [Phase<Subject>],
        on subject: inout Subject,
        onlyUsable isUsable: Bool = true
    ) {
        for phase in phases where options.runs(phase.name) {
            let isMet = phase.needs.allSatisfy { need in
                switch need {
                case .values: options.runs(.interpolate)
                case .references: options.runs(.checkReferences)
                case .usableProject: isUsable
                }
            }
            if isMet { during(phase.kind) { phase.run(&$0, &subject) } }
        }
    }

    /// Reports what a part of the load finds as problems of a kind.
    mutating func during<Result>(
        _ kind: Problem.Kind,
        _ body: (inout LoadSession) -> Result
    ) -> Result {
        let outer = diagnostics.kind
        diagnostics.kind = kind
        defer { diagnostics.kind = outer }
        return body(&self)
    }
}
