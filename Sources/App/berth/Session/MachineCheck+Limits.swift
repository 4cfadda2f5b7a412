import ContainerRuntime

extension MachineCheck {
    /// Whether containers get the resource limits that they should, whatever those of the caller.
    static func limits() -> Finding {
        do {
            return limits(lacking: try LimitDefaults.raise())
        } catch {
            return Finding(verdict: .degraded, what: "limits", state: "\(error)")
        }
    }

    static func limits(lacking shortfalls: [LimitDefaults.Shortfall]) -> Finding {
        guard !shortfalls.isEmpty else {
            return Finding(
                verdict: .good,
                what: "limits",
                state: "containers have their own, whatever those of the caller"
            )
        }
        return Finding(
            verdict: .degraded,
            what: "limits",
            state: "containers get \(shortfalls.map(\.description).joined(separator: ", "))",
            remedy: "give berth CAP_SYS_RESOURCE, or start it with higher hard limits "
                + "(`ulimit -H`, LimitNOFILE= of a service)"
        )
    }
}
