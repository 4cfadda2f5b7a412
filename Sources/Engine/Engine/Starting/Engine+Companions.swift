import ContainerRuntime

extension Engine {
    /// The running containers whose namespaces this one shares, by the names that its spec has.
    /// - Throws: `EngineError` where one is not there, does not run or does not share.
    func companions(
        of spec: ContainerSpec,
        named name: String
    ) async throws -> [String: RunningContainer] {
        var companions: [String: RunningContainer] = [:]
        let attempt = "cannot start container `\(name)`"
        for other in spec.sharedContainers {
            let record: ContainerRecord
            do { record = try await container(matching: other) } catch let error as EngineError {
                throw EngineError(
                    error.kind,
                    attempt,
                    because: "it shares the namespaces of container `\(other)`: \(error.reason)",
                    remedy: error.remedy
                )
            }
            let folder = layout.container(record.id.text)
            guard let running = try runtime.adopt(record.id, name: record.name, in: folder) else {
                throw EngineError(
                    .failed,
                    attempt,
                    because: "container `\(other)`, whose namespaces it shares, does not run",
                    remedy: "start that one first"
                )
            }
            if spec.namespaces?.ipc == .container(other),
                try record.spec.namespaces?.memory != .shareable
            {
                throw EngineError(
                    .invalid,
                    attempt,
                    because: "container `\(other)` does not share its IPC namespace",
                    remedy: "`ipc: shareable` lets others join it"
                )
            }
            companions[other] = running
        }
        return companions
    }
}
