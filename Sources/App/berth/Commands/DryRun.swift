import Reconciler

/// What `--dry-run` prints in place of doing it. Nothing is changed.
enum DryRun {
    private static func announce() {
        Terminal.line("DRY-RUN MODE: nothing is changed; this would be done:", to: .error)
    }

    /// The steps of a plan and why.
    static func show(_ plan: Reconciler.Plan, and more: [String] = []) {
        announce()
        if !plan.isEmpty || more.isEmpty { PlanCommand.show(plan) }
        for line in more { Terminal.line(line) }
    }

    /// Which images would be pulled or pushed, for whom, and which not.
    static func show(_ transfers: ImageTransfers, verb: String) {
        announce()
        for image in transfers.images {
            let services = image.services.joined(separator: ", ")
            Terminal.line("\(verb) image \(image.reference)  \(services)")
        }
        for skipped in transfers.skipped {
            Terminal.line("skip service \(skipped.service)  \(skipped.reason)")
        }
        if transfers.images.isEmpty { Terminal.line("nothing to \(verb)") }
    }

    /// One thing that has no plan.
    static func show(_ words: String) {
        announce()
        Terminal.line(words)
    }
}
