import Compose

/// All that bake files define, evaluated; nothing is chosen yet.
package struct BakeDefinition: Sendable {
    /// A group's members: targets and groups.
    package struct Group: Hashable, Sendable {
        /// In the order of the file.
        package var members: [String]
        /// What is said of it.
        package var description: String?
    }

    /// A variable, as `--list` shows it.
    package struct Variable: Hashable, Sendable {
        /// What expressions call it.
        package var name: String
        /// As it is written; empty where it is not.
        package var type: String
        /// What it has now; lists and objects as JSON.
        package var value: String
        /// What is said of it.
        package var description: String
    }

    /// By name; what they inherit is not in them yet.
    package var targets: [String: BakeTarget] = [:]
    /// By name; a target with a matrix is one.
    package var groups: [String: Group] = [:]
    /// In the order of names.
    package var variables: [Variable] = []

    /// What is known of the caller.
    package struct Surroundings: Sendable {
        /// The caller's variables.
        package var environment: [String: String]
        /// `BAKE_LOCAL_PLATFORM`
        package var platform: String
        /// Nanoseconds since 1970.
        package var now: Int64

        /// Takes all of it.
        package init(environment: [String: String], platform: String, now: Int64) {
            self.environment = environment
            self.platform = platform
            self.now = now
        }
    }

    /// Reads files in order; what later ones say wins. `services` are the targets of compose files, which
    /// come first.
    /// - Throws: everything that is wrong, at its place.
    package init(
        _ files: [BakeFile],
        services: [BakeTarget] = [],
        in surroundings: Surroundings
    ) throws(BakeError) {
        let sources = files.map { BakeSource(name: $0.name, bytes: $0.bytes) }
        var bodies: [HCLBody] = []
        var faults: [BakeFault] = []
        for (number, file) in files.enumerated() where file.syntax != .compose {
            do throws(BakeFault) {
                bodies.append(try file.parse(number: number))
            } catch {
                faults.append(error)
            }
        }
        for service in services { targets[service.name] = service }
        if !services.isEmpty {
            groups["default"] = Group(members: services.map(\.name).sorted())
        }
        if faults.isEmpty {
            var evaluation = BakeEvaluation(bodies, in: surroundings)
            evaluation.run(into: &self)
            faults = evaluation.faults
        }
        guard faults.isEmpty else {
            let shown = faults.prefix(BakeEvaluation.faultLimit).map { fault -> Problem in
                let file = fault.place.file
                let source = sources.indices.contains(file) ? sources[file] : nil
                return source?.problem(fault)
                    ?? Problem(
                        position: Position(file: "", line: 0, column: 0),
                        path: fault.path,
                        message: fault.message,
                        hint: fault.hint
                    )
            }
            throw BakeError(shown)
        }
    }
}
