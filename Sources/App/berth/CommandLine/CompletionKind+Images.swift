import ArgumentParser

extension CompletionKind {
    /// The names of the images of this machine, asked of berth itself.
    static let images = shellCommand(
        "berth image ls --format '{{if ne .Tag \"<none>\"}}{{.Repository}}:{{.Tag}}{{end}}' 2>/dev/null"
    )
}
