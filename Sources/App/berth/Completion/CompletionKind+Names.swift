import ArgumentParser

/// What a shell may put where a value belongs, asked of berth itself.
extension CompletionKind {
    /// The services of the project.
    static let services = custom { words, _, prefix in ValueCompletion.services(prefix, words) }
    /// `web=`, for numbers of containers.
    static let scales = custom { words, _, prefix in ValueCompletion.scales(prefix, words) }
    /// The names of the images of this machine.
    static let images = custom { _, _, prefix in ValueCompletion.images(prefix) }
    /// The names of the containers of this machine.
    static let containers = custom { _, _, prefix in ValueCompletion.containers(prefix) }
    /// The names of the networks of this machine.
    static let networks = custom { _, _, prefix in ValueCompletion.networks(prefix) }
    /// The names of the volumes of this machine.
    static let volumes = custom { _, _, prefix in ValueCompletion.volumes(prefix) }
    /// The projects that have containers, networks or volumes here.
    static let projects = custom { _, _, prefix in ValueCompletion.projects(prefix) }
    /// The profiles that services of the project name.
    static let profiles = custom { words, _, prefix in ValueCompletion.profiles(prefix, words) }

    /// What `--format` takes where it takes templates, too.
    static let formats = list(["table", "json"])
}
