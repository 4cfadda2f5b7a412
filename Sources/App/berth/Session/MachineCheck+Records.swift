import Engine

extension MachineCheck {
    /// Whether the kernel has what the records of the state folder say and nothing else of ours, in
    /// one line; `system check` has the list. Nothing where nothing was ever done.
    static func records() async -> [Finding] {
        guard Machine.isRoot else { return [] }
        do {
            guard let session = try Session.openIfAny(isSilent: true) else { return [] }
            return [records(try await session.engine.audit().count)]
        } catch {
            return [Finding(verdict: .degraded, what: "records", state: "\(error)")]
        }
    }

    private static func records(_ differences: Int) -> Finding {
        guard differences > 0 else {
            return Finding(
                verdict: .good,
                what: "records",
                state: "the kernel has what they say"
            )
        }
        return Finding(
            verdict: .degraded,
            what: "records",
            state:
                "\(differences) \(differences == 1 ? "difference" : "differences") to the kernel",
            remedy: "`berth system check` lists them; `berth up` repairs them"
        )
    }
}
