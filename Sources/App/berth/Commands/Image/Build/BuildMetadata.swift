import Engine
import OCI

/// What `--metadata-file` gets, under buildx's names.
struct BuildMetadata {
    /// nil where the build gave an index, or no image but files.
    var image: ImageRecord?
    /// What points to the image or the index; nil where there are files alone.
    var descriptor: Descriptor?
    var names: [String] = []

    /// The document, members by name.
    var text: String {
        get throws {
            var members: [(name: String, value: String)] = []
            if let image {
                members.append(("containerimage.config.digest", JSONText.string("\(image.id)")))
            }
            if let descriptor {
                let bytes = try OCIJSON.encode(descriptor)
                members.append(
                    ("containerimage.descriptor", String(decoding: bytes, as: UTF8.self))
                )
                members.append(("containerimage.digest", JSONText.string("\(descriptor.digest)")))
                if !names.isEmpty {
                    let list = names.joined(separator: ",")
                    members.append(("image.name", JSONText.string(list)))
                }
            }
            guard !members.isEmpty else { return "{}" }
            let lines = members.map { "  \(JSONText.string($0.name)): \($0.value)" }
            return "{\n" + lines.joined(separator: ",\n") + "\n}"
        }
    }
}
