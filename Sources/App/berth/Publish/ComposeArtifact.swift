import OCI

/// Compose files as an artifact of a registry, in docker compose's form: each file is a layer, with
/// its name as an annotation and its bytes in the manifest, too.
struct ComposeArtifact {
    /// One file of it.
    struct File: Equatable {
        enum Kind: Equatable {
            /// One of those that make the project, a later one over an earlier one.
            case compose
            /// One that a service of the others extends.
            case extended
            case environment
        }

        var kind: Kind
        var name: String
        var bytes: [UInt8]
    }

    /// `--oci-version`.
    enum Form: String { case older = "1.0", newer = "1.1" }

    var files: [File]

    static let type = "application/vnd.docker.compose.project"
    static let emptyConfig = "application/vnd.docker.compose.config.empty.v1+json"
    static let emptyBytes = Array("{}".utf8)
    private static let fileType = "application/vnd.docker.compose.file+yaml"
    private static let environmentType = "application/vnd.docker.compose.envfile"
    private static let fileKey = "com.docker.compose.file"
    private static let environmentKey = "com.docker.compose.envfile"
    private static let extendsKey = "com.docker.compose.extends"

    /// What it is called in registries that know types of artifacts, and in those that do not.
    static func config(_ form: Form) -> Descriptor {
        var config = Descriptor(
            mediaType: form == .older ? emptyConfig : MediaType.ociEmpty,
            of: emptyBytes
        )
        config.data = emptyBytes
        return config
    }

    /// The document that lists the files.
    func manifest(_ form: Form, created: String) -> Manifest {
        let layers = files.map { file in
            var layer = Descriptor(
                mediaType: file.kind == .environment ? Self.environmentType : Self.fileType,
                of: file.bytes
            )
            layer.annotations = [
                file.kind == .environment ? Self.environmentKey : Self.fileKey: file.name,
                "com.docker.compose.version": DockerCompose.version,
            ]
            if file.kind == .extended { layer.annotations[Self.extendsKey] = "true" }
            layer.data = file.bytes
            return layer
        }
        var manifest = Manifest(
            config: Self.config(form),
            layers: layers,
            annotations: ["org.opencontainers.image.created": created]
        )
        if form == .newer { manifest.artifactType = Self.type }
        return manifest
    }

    /// A layer of a manifest as a file; nil for one of another type.
    static func file(of layer: Descriptor, _ bytes: [UInt8]) throws(Failure) -> File? {
        let name: String?
        let kind: File.Kind
        switch layer.mediaType {
        case fileType:
            let isExtended = layer.annotations[extendsKey] == "true"
            (kind, name) = (isExtended ? .extended : .compose, layer.annotations[fileKey])
        case environmentType: (kind, name) = (.environment, layer.annotations[environmentKey])
        default: return nil
        }
        guard kind != .compose else {
            return File(kind: kind, name: name ?? "compose.yaml", bytes: bytes)
        }
        // It becomes a file beside the others, and no other one.
        guard let name, !name.isEmpty, name != ".", name != "..", name != placed,
            name.utf8.count <= 255, !name.utf8.contains(UInt8(ascii: "/")), !name.utf8.contains(0)
        else {
            throw Failure(
                "a file of the artifact has a name that no file can have: \(name ?? "none")"
            )
        }
        return File(kind: kind, name: name, bytes: bytes)
    }

    /// The name of the file that all those of the project become, one document after the other.
    static let placed = "compose.yaml"

    /// The files as they lie in one folder.
    var inFolder: [(name: String, bytes: [UInt8])] {
        let main = files.filter { $0.kind == .compose }.map(\.bytes)
        let joined = Array(main.joined(separator: Array("\n---\n".utf8)))
        return [(Self.placed, joined)]
            + files.filter { $0.kind != .compose }.map { ($0.name, $0.bytes) }
    }
}
