package import OrderedCollections

/// compose-spec `deploy`.
package struct DeployDeclaration: Hashable, Codable, Sendable {
    /// `replicated`, `global`, `replicated-job` or `global-job`.
    package var mode: String?
    /// compose-spec `replicas`.
    package var replicas: Int?
    /// `vip` or `dnsrr`.
    package var endpointMode: String?
    /// Of the service, not of its containers.
    package var labels: OrderedDictionary<String, String> = [:]
    /// compose-spec `limits`.
    package var limits = Resources()
    /// compose-spec `reservations`.
    package var reservations = Resources()
    /// compose-spec `restart_policy`.
    package var restartPolicy: RestartPolicy?
    /// compose-spec `update_config`.
    package var updateConfig: Update?
    /// compose-spec `rollback_config`.
    package var rollbackConfig: Update?
    /// compose-spec `placement`.
    package var placement: Placement?
    /// Says nothing yet.
    package init() {}

    /// `resources.limits` or `resources.reservations`.
    package struct Resources: Hashable, Codable, Sendable {
        /// compose-spec `cpus`.
        package var cpus: Double?
        /// compose-spec `memory`.
        package var memoryBytes: Int64?
        /// compose-spec `pids`.
        package var pids: Int64?
        /// compose-spec `devices`.
        package var devices: [DeviceRequest] = []
        /// compose-spec `generic_resources`.
        package var genericResources: [GenericResource] = []
        /// Says nothing yet.
        package init() {}
    }

    /// A resource that a cluster counts without knowing what it is.
    package struct GenericResource: Hashable, Codable, Sendable {
        /// compose-spec `kind`.
        package var kind: String
        /// compose-spec `value`.
        package var value: Int64
    }

    /// `restart_policy`; without a condition nothing is restarted.
    package struct RestartPolicy: Hashable, Codable, Sendable {
        /// compose-spec `condition`.
        package var condition: RestartDeclaration?
        /// compose-spec `delay`.
        package var delay: Duration?
        /// compose-spec `max_attempts`.
        package var maxAttempts: Int?
        /// compose-spec `window`.
        package var window: Duration?
        /// Says nothing yet.
        package init() {}
    }

    /// `update_config` or `rollback_config`.
    package struct Update: Hashable, Codable, Sendable {
        /// Which of two containers goes first.
        package enum Order: String, Hashable, Codable, Sendable {
            case startFirst = "start-first"
            case stopFirst = "stop-first"
        }

        /// What follows when a new container does not become ready.
        package enum FailureAction: String, Hashable, Codable, Sendable {
            /// The others stay as they are.
            case pause
            /// The others are replaced all the same.
            case `continue`
            /// Those that are replaced by then are put back.
            case rollback
        }

        /// compose-spec `parallelism`.
        package var parallelism: Int?
        /// compose-spec `delay`.
        package var delay: Duration?
        /// compose-spec `failure_action`; `pause` when absent.
        package var failureAction: FailureAction?
        /// compose-spec `monitor`.
        package var monitor: Duration?
        /// compose-spec `max_failure_ratio`.
        package var maxFailureRatio: Double?
        /// compose-spec `order`.
        package var order: Order?
        /// Says nothing yet.
        package init() {}
    }

    /// On which machines of a cluster.
    package struct Placement: Hashable, Codable, Sendable {
        /// compose-spec `constraints`.
        package var constraints: [String] = []
        /// The `spread` of each element of `preferences`.
        package var preferences: [String] = []
        /// compose-spec `max_replicas_per_node`.
        package var maxReplicasPerNode: Int?
        /// Says nothing yet.
        package init() {}
    }
}
