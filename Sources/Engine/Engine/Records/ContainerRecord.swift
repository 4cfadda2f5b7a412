package import ContainerRuntime
package import OCI

/// A container as the database knows it.
package struct ContainerRecord: Hashable, Sendable {
    package let id: ContainerID
    package var name: String
    /// nil for a standalone one.
    package var project: String?
    package var service: String?
    /// `com.docker.compose.container-number`; nil for one-off and standalone containers.
    package var number: Int?
    /// Made by `run`, not by `up`.
    package var isOneOff = false
    /// Digest of the image's configuration.
    package var image: Digest
    /// The `ContainerSpec` in canonical JSON; `spec` reads it.
    package var specJSON: String
    /// SHA-256 over `specJSON`: a different one means that the container must be recreated.
    package var specHash: Digest
    /// The spec's labels and those that Compose adds.
    package var labels: [String: String] = [:]
    package var createdAt: Timestamp

    /// What the user last asked for; a restart policy acts only on `.running`.
    package var desired: Desired = .stopped
    package var status: Status = .created
    /// Its processes stand still, by `pause`; only while it runs.
    package var isPaused = false
    /// nil without a healthcheck and while it does not run.
    package var health: Health?
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    /// nil while it runs, before it ran, and when nobody saw it end.
    package var exitCode: Int32?
    package var oomKilled = false
    /// Starts by the restart policy since the last one by a user.
    package var restartCount = 0
    /// Why it could not start or was lost, in words for the user.
    package var error: String?
    /// The ports that are really published while it runs: a free port asked for has its number here.
    package var published: [PortBinding] = []
    /// Being removed: never started again, finished by recovery.
    package var isRemoving = false

    package init(
        id: ContainerID,
        name: String,
        image: Digest,
        specJSON: String,
        specHash: Digest,
        createdAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.image = image
        self.specJSON = specJSON
        self.specHash = specHash
        self.createdAt = createdAt
    }

    /// The spec it was made from. Decoded on each call: keep it where it is needed often.
    package var spec: ContainerSpec {
        get throws { try SpecHash.decode(specJSON, of: name) }
    }
}

extension ContainerRecord {
    /// The exit code as every listing shows it: 0 for one that runs or never ran, as docker has it;
    /// 137 for a run whose end nobody saw, which is never taken for a success.
    package var shownExitCode: Int32 { lastCode ?? 0 }

    /// How the last run ended, 137 when nobody saw it; nil while it runs and before it ran.
    package var lastCode: Int32? {
        switch status {
        case .running: nil
        case .created: exitCode
        case .restarting, .exited: exitCode ?? Self.unseenExitCode
        }
    }

    /// What stands for the exit code of a run that nobody saw the end of: it was killed with its
    /// keeper or with the machine, by SIGKILL or no better. docs/decisions/008.
    package static let unseenExitCode: Int32 = 137

    /// What the user asked for last.
    package enum Desired: String, Hashable, Codable, Sendable { case running, stopped }

    /// Where a container is in its life.
    package enum Status: String, Hashable, Codable, Sendable {
        /// Never started.
        case created
        case running
        /// Ended, and its restart policy is about to start it again.
        case restarting
        case exited
    }

    /// What the healthcheck says.
    package enum Health: String, Hashable, Codable, Sendable { case starting, healthy, unhealthy }
}

/// What to make a container of.
package struct ContainerRequest: Hashable, Sendable {
    package var name: String
    package var spec: ContainerSpec
    package var project: String?
    package var service: String?
    package var number: Int?
    package var isOneOff = false
    /// Labels besides the spec's, which the hash does not cover (`com.docker.compose.*`).
    package var labels: [String: String] = [:]
    /// Takes over the anonymous volumes of this one, target by target.
    package var inheritsVolumesOf: ContainerID?

    /// What its configs and secrets hold that are files of its own, by target: they are written,
    /// and never recorded.
    package var contents: [String: FileContent] = [:]

    package init(name: String, spec: ContainerSpec) {
        self.name = name
        self.spec = spec
    }
}
