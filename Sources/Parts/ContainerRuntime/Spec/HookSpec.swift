/// What is executed in a container beside its program, when somebody starts or stops it: not by
/// restart policies. compose-spec "Lifecycle hooks".
package struct HookSpecs: Hashable, Codable, Sendable {
    /// After each start, one after the other.
    package var postStart: [HookSpec] = []
    /// Before each stop; one that fails keeps the container running.
    package var preStop: [HookSpec] = []
    /// Before the first start, each in a container of its own; nil where there are none, as in what
    /// was recorded before there were any.
    package var preStart: [PreStartSpec]?

    /// No hook yet.
    package init() {}

    /// Those of a moment.
    package subscript(moment: HookMoment) -> [HookSpec] {
        switch moment {
        case .postStart: postStart
        case .preStop: preStop
        }
    }
}

/// When hooks are executed, in the words of the compose file.
package enum HookMoment: String, Hashable, Sendable {
    case postStart = "post_start"
    case preStop = "pre_stop"
}

/// One command that has a container of its own.
package struct PreStartSpec: Hashable, Codable, Sendable {
    /// Without arguments it is the image's own command.
    package var hook: HookSpec
    /// As the file names it; nil is the container's own.
    package var image: String?
    /// It is run for each container of a service, not once for all.
    package var perReplica: Bool

    /// All that the file says of it.
    package init(_ hook: HookSpec, image: String?, perReplica: Bool) {
        self.hook = hook
        self.image = image
        self.perReplica = perReplica
    }
}

/// One command; what is nil is the container's own.
package struct HookSpec: Hashable, Codable, Sendable {
    /// Program and arguments, never empty.
    package var arguments: [String]
    /// `NAME=value`, or `NAME` alone for a variable that it does not have.
    package var environment: [String] = []
    package var user: String?
    package var workingDirectory: String?
    /// Every capability, whatever the container has; nil is what the container has.
    package var privilege: SecuritySpec.Privilege?

    /// A command that is as the container says in all but what it executes.
    package init(arguments: [String]) { self.arguments = arguments }
}
