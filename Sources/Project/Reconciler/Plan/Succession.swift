import Compose
import Engine

/// A container that another one is to replace while its service is updated. Both are there until the
/// new one is ready, so that the old one can go on when it never is.
package struct Succession: Equatable, Sendable {
    /// It keeps its name until it is removed.
    package var old: ContainerReference
    /// By the name that it has until then.
    package var successor: ContainerReference
    /// The new one does not have the old one's anonymous volumes, which go with that.
    package var renewsVolumes = false

    /// The new one as people are told of it.
    package var words: String { "\(old.name) (new)" }
}

/// What a new container has to go through before it replaces the old one.
package struct Trial: Equatable, Sendable {
    /// How long it is watched once it is ready. compose-spec `monitor`.
    package var monitor = Duration.zero
    /// Those before it that are put back, too, when it fails. compose-spec `failure_action: rollback`.
    package var takesBack: [Succession] = []
    /// The old one runs meanwhile, and runs again before the new one is removed.
    package var startsFirst = false
}

/// How the containers of a service are replaced, some at a time. compose-spec `update_config`.
struct RollingUpdate: Equatable {
    var startsFirst = false
    /// At least 1.
    var parallelism = 1
    var delay = Duration.zero
    var monitor = Duration.zero
    var onFailure = DeployDeclaration.Update.FailureAction.pause

    /// The usual one, changed by what the service says; `count` containers are to be replaced.
    init(_ update: DeployDeclaration.Update?, count: Int) {
        guard let update else { return }
        startsFirst = update.order == .startFirst
        parallelism = update.parallelism ?? 1
        if parallelism == 0 { parallelism = count }
        delay = update.delay ?? .zero
        monitor = update.monitor ?? .zero
        onFailure = update.failureAction ?? .pause
    }
}
