import Reconciler

/// Why a service is as it is: from the symptom to the cause.
struct Diagnosis: Equatable {
    enum Verdict: String {
        /// It runs as the file wants it, or has completed.
        case well
        /// Its health check has not succeeded yet, and has not failed either.
        case starting
        case wrong
    }

    /// Something that was found, and what is behind it.
    struct Finding: Equatable {
        /// A sentence without its end.
        var text: String
        /// What programs said: a title, and the lines.
        var evidence: [Evidence] = []
        /// What can be done about it.
        var remedy: String?
        /// What it comes of.
        var causes: [Finding] = []
    }

    struct Evidence: Equatable {
        var title: String
        var lines: [String]
    }

    /// A step that `berth up` would take.
    struct Step: Equatable {
        var what: String
        var because: String
    }

    var service: String
    var verdict: Verdict
    var summary: String
    var findings: [Finding] = []
    /// nil where no plan could be made; empty when nothing would change.
    var plan: [Step]?
}

extension Diagnosis.Step {
    /// A step of a plan in the plan's own words.
    init(_ step: Reconciler.Plan.Step) {
        self.init(what: step.operation.description, because: step.because)
    }
}
