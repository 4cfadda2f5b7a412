import ContainerRuntime

/// How many containers a supervisor can keep with the descriptors it may have open: a refusal in
/// words comes before the kernel's, which would leave a start half done or nobody to be told.
struct DescriptorBudget: Equatable, Sendable {
    /// What the process may have open.
    var limit: UInt64

    /// For a container that runs: pidfds of its init and its keeper, its name server's sockets, and
    /// what waits on each of them.
    static let perContainer: UInt64 = 10
    /// More where a health check runs from time to time: its process and its output.
    static let perHealthcheck: UInt64 = 8
    /// More while one is being started: its spec, its streams, its folders, its namespaces.
    static let perStart: UInt64 = 24
    /// For the rest: the database, the log, the control socket and its clients.
    static let reserved: UInt64 = 48

    /// More for each port: a socket of each family, and what waits on one that it serves itself.
    static let perPort: UInt64 = 3

    /// What one container takes while it runs.
    static func cost(of spec: ContainerSpec) -> UInt64 {
        cost(hasHealthcheck: spec.healthcheck != nil) + perPort * UInt64(spec.ports.count)
    }

    /// What one container takes while it runs, without ports.
    static func cost(hasHealthcheck: Bool) -> UInt64 {
        perContainer + (hasHealthcheck ? perHealthcheck : 0)
    }

    /// Whether there is room for all that runs or is being started, at some cost together, while so
    /// many are being started.
    func allows(cost: UInt64, starting: Int) -> Bool {
        cost + UInt64(starting) * Self.perStart + Self.reserved <= limit
    }

    /// How many can run.
    func capacity(hasHealthcheck: Bool) -> UInt64 {
        let fixed = Self.reserved + Self.perStart
        return limit > fixed ? (limit - fixed) / Self.cost(hasHealthcheck: hasHealthcheck) : 0
    }

    /// Why a container is not started.
    func refusal(of name: String, project: String, hasHealthcheck: Bool) -> SupervisorError {
        let capacity = capacity(hasHealthcheck: hasHealthcheck)
        return SupervisorError(
            .startFailed,
            "cannot start container \(name): the supervisor of project \(project) may have only "
                + "\(limit) files open, which is enough for about \(capacity) such containers; raise "
                + "the hard limit of open files (`ulimit -Hn`, or LimitNOFILE= of the service that "
                + "runs berth), then `berth down` and `up`"
        )
    }
}
