import Compose
import Glibc
import Linux
import Logging
import OCI
import Registry
import SystemPackage

/// Compose files of registries and repositories, as the user has them on this machine: a folder for each
/// artifact, by its digest, and for each commit, which never change again.
struct ArtifactCache: Sendable {
    let folder: FilePath
    private let client: RegistryClient

    /// In `XDG_CACHE_HOME`, or in `~/.cache`.
    init(environment: [String: String] = Machine.environment()) throws {
        let home = environment["HOME"].map { $0 + "/.cache" }
        let named = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        guard let place = named ?? home, place.hasPrefix("/") else {
            throw Failure(
                "no place for compose files of registries: neither HOME nor XDG_CACHE_HOME"
            )
        }
        folder = FilePath(place).appending("berth").appending("compose")
        client = RegistryClient(
            .ofMachine(environment: environment),
            logger: Logger(label: "berth", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    /// Runs a command whose load may want artifacts; when it does, they are fetched and the command
    /// begins again: it loads its project before it does anything.
    static func serving(_ run: () async throws -> Void) async throws {
        var places: [String: String] = [:]
        while true {
            do {
                return try await LocalFiles.$artifacts.withValue(places) { try await run() }
            } catch let error as ComposeError where !error.missingArtifacts.isEmpty {
                let missing = Set(error.missingArtifacts).subtracting(places.keys)
                guard !missing.isEmpty, places.count < LoadLimits().files else { throw error }
                let cache = try ArtifactCache()
                for name in missing.sorted() { places[name] = try await cache.place(name) }
            }
        }
    }

    /// The compose file of `oci://shop/app:1` on this machine. The registry is asked what the name
    /// leads to now; what is here already is not fetched again.
    private func place(_ name: String) async throws -> String {
        if let file = try await repository(name) { return file }
        let text = name.hasPrefix("oci://") ? name.dropFirst(6) : name.dropFirst(4)
        let reference: ImageReference
        do { reference = try ImageReference(String(text)).tagged } catch {
            throw Failure("\(name): \(error)")
        }
        do {
            let document = try await client.manifest(of: reference)
            let place = folder.appending(document.descriptor.digest.hex)
            let file = place.appending(ComposeArtifact.placed)
            if access(file.string, R_OK) == 0 { return file.string }
            let artifact = try await fetch(document, reference)
            try store(artifact, in: place)
            return file.string
        } catch let error as Failure { throw error } catch {
            throw Failure("failed to pull OCI resource \"\(reference.familiar)\": \(error)")
        }
    }

    private func fetch(
        _ document: ManifestDocument,
        _ reference: ImageReference
    ) async throws -> ComposeArtifact {
        guard case .manifest(let manifest) = document.content,
            manifest.artifactType == ComposeArtifact.type
                || manifest.config.mediaType == ComposeArtifact.emptyConfig
        else {
            throw Failure(
                "\(reference.familiar) is no compose project: an image, or an artifact of another kind"
            )
        }
        let limit = LoadLimits()
        guard manifest.layers.count <= limit.files,
            manifest.layers.reduce(0, { $0 + min($1.size, 1 << 40) }) <= Int64(limit.fileBytes)
        else { throw Failure("\(reference.familiar) is larger than compose files are") }
        var artifact = ComposeArtifact(files: [])
        for layer in manifest.layers {
            let bytes = try await content(of: layer, reference)
            if let file = try ComposeArtifact.file(of: layer, bytes) { artifact.files.append(file) }
        }
        guard artifact.files.contains(where: { $0.kind == .compose }) else {
            throw Failure("\(reference.familiar) has no compose file")
        }
        return artifact
    }

    private func content(
        of layer: Descriptor,
        _ reference: ImageReference
    ) async throws -> [UInt8] {
        // Its digest was compared when the manifest was read.
        if let data = layer.data { return data }
        var bytes: [UInt8] = []
        try await client.fetchBlob(layer, of: reference) { bytes += $0 }
        guard Digest.of(bytes) == layer.digest else {
            throw Failure(
                "\(reference.familiar): \(layer.digest) has another content than it should"
            )
        }
        return bytes
    }

    /// The compose file is the last one to be there: a folder without it is not whole.
    private func store(_ artifact: ComposeArtifact, in place: FilePath) throws {
        var made = FilePath("/")
        for component in place.components {
            made.append(component)
            _ = mkdir(made.string, 0o700)
        }
        for file in artifact.inFolder.reversed() {
            try atomicWrite(file.bytes, to: place.appending(file.name), synced: false)
        }
    }
}
