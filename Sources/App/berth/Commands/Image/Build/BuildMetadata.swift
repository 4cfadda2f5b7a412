import Engine

/// What `--metadata-file` gets, under buildx's names.
struct BuildMetadata {
    /// nil where the build gave no image but files.
    let image: ImageRecord?
    let names: [String]

    /// The document, members by name.
    var text: String {
        var members: [(name: String, value: String)] = []
        if let image {
            members.append(("containerimage.config.digest", "\(image.id)"))
            members.append(("containerimage.digest", "\(image.manifest ?? image.id)"))
            if !names.isEmpty { members.append(("image.name", names.joined(separator: ","))) }
        }
        guard !members.isEmpty else { return "{}" }
        let lines = members.map { "  \(JSONText.string($0.name)): \(JSONText.string($0.value))" }
        return "{\n" + lines.joined(separator: ",\n") + "\n}"
    }
}
