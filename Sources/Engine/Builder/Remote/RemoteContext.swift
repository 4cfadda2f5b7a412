package import Linux

/// A build context that is not a folder of this machine; the builder brings it into a folder of the build.
package enum RemoteContext: Sendable {
    /// Standard input or its like: an archive, or a Dockerfile by itself.
    case stream(SharedFD)
    /// The same at an http or https address.
    case address(String)
    case repository(GitReference)

    /// nil for the path of a folder, and for what has a form of its own (`docker-image://`).
    package init?(parsing text: String) throws(GitReference.Invalid) {
        if let reference = try GitReference(parsing: text) {
            self = .repository(reference)
        } else if SourceKind(text) == .address {
            self = .address(text)
        } else {
            return nil
        }
    }

    /// What progress and errors call it.
    var shown: String {
        switch self {
        case .stream: "standard input"
        case .address(let address): address
        case .repository(let reference): reference.shown
        }
    }

    /// Where it is to be had; nil for what came by itself.
    package var address: String? {
        if case .stream = self { nil } else { shown }
    }

    /// As BuildKit titles the step.
    var title: String {
        switch self {
        case .stream, .address: "[internal] load remote build context"
        case .repository(let reference): "[internal] load git source \(reference.shown)"
        }
    }
}
