import OCI

extension StageBuild {
    /// Says why a step was carried out or not, and remembers what it depends on.
    mutating func explain(_ step: Dockerfile.Step, _ shown: BuildStep, isCached: Bool) throws {
        let request = session.request
        guard request.explains || !isCached else { return }
        let place = StepRecords.place(
            request,
            file: session.plan.dockerfile.name,
            stage: planned.stage.name ?? "\(planned.index)",
            text: step.text
        )
        let earlier = session.records.facts(at: place)
        if isCached { facts.inheritFiles(of: earlier) }
        if request.explains {
            let keyword = step.text.prefix { $0 != " " }.uppercased()
            let reason = reason(facts, earlier, isCached: isCached)
            session.tell(.explained(shown, "\(keyword): \(reason)"))
        }
        if facts != earlier { try session.records.store(facts, at: place) }
    }

    private func reason(_ facts: StepFacts, _ earlier: StepFacts?, isCached: Bool) -> String {
        let request = session.request
        let changes = earlier.map { facts.changes(since: $0) }
        if isCached {
            return changes?.isEmpty == false
                ? "as in an earlier build; since the last one " + Self.joined(changes ?? [])
                : "nothing changed"
        }
        if request.ignoresCache { return "the cache is not used (--no-cache)" }
        let stage = planned.stage.name ?? "\(planned.index)"
        if request.uncachedStages.contains(stage) {
            return "the cache is not used for stage \(stage) (--no-cache-filter)"
        }
        guard let changes else { return "no build had this step before" }
        return changes.isEmpty
            ? "nothing changed, but its result is not in the cache" : Self.joined(changes)
    }

    private static func joined(_ changes: [String]) -> String {
        changes.joined(separator: ", ")
    }
}
