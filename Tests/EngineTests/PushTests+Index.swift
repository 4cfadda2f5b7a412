import Engine
import ImageStore
import Linux
import OCI
import Registry
import SystemPackage
import TestSupport
import Testing

/// Images that came with an index.
extension PushTests {
    /// Puts `multi:1` into the registry: an index of images for platforms, and what each has; with an
    /// attestation about the first, if that is wanted.
    private func pushIndex(
        of platforms: [String] = ["amd64", "arm64"],
        withAttestation: Bool = false
    ) async throws -> (index: Digest, manifests: [Digest]) {
        let client = makeClient()
        var entries: [Descriptor] = []
        for name in platforms {
            let platform = try Platform("linux/\(name)")
            let blob = try compressed(test.scratch("tar-\(name)"), holding: name)
            let configuration = ImageConfiguration(platform: platform, diffIDs: [blob.diffID])
            let bytes = try OCIJSON.encode(configuration)
            let manifest = Manifest(
                config: Descriptor(mediaType: MediaType.ociConfig, of: bytes),
                layers: [Descriptor(mediaType: MediaType.ociLayer, of: blob.bytes)]
            )
            let document = try ManifestDocument(bytes: OCIJSON.encode(manifest))
            let reference = try reference("multi:1")
            for content in [bytes, blob.bytes] {
                _ = try await client.upload(.of(content), BlobContent(content), to: reference)
            }
            var entry = document.descriptor
            entry.platform = platform
            entries.append(entry)
            try await client.pushManifest(document, as: "\(entry.digest)", of: reference)
        }
        if withAttestation {
            entries.append(try await pushAttestation(about: entries[0].digest))
        }
        let index = try ManifestDocument(bytes: OCIJSON.encode(ImageIndex(manifests: entries)))
        try await client.pushManifest(index, as: "1", of: reference("multi:1"))
        return (index.descriptor.digest, entries.map(\.digest))
    }

    /// Puts what BuildKit says of an image beside it.
    private func pushAttestation(about image: Digest) async throws -> Descriptor {
        let client = makeClient()
        let reference = try reference("multi:1")
        let statement = Array(#"{"_type":"https://in-toto.io/Statement/v0.1"}"#.utf8)
        let configuration = Array(#"{"architecture":"unknown","os":"unknown"}"#.utf8)
        for content in [statement, configuration] {
            _ = try await client.upload(.of(content), BlobContent(content), to: reference)
        }
        let manifest = Manifest(
            config: Descriptor(mediaType: MediaType.ociConfig, of: configuration),
            layers: [Descriptor(mediaType: "application/vnd.in-toto+json", of: statement)]
        )
        let document = try ManifestDocument(bytes: OCIJSON.encode(manifest))
        var entry = document.descriptor
        entry.platform = Platform(os: "unknown", architecture: "unknown")
        entry.annotations = [
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": "\(image)",
        ]
        try await client.pushManifest(document, as: "\(entry.digest)", of: reference)
        return entry
    }

    @Test("an index goes along into a repository that has the rest of it")
    func indexOfTheSameRepository() async throws {
        let (index, _) = try await pushIndex()
        let amd64 = try Platform("linux/amd64")
        let image = try await engine.pull(
            reference("multi:1"),
            platform: amd64,
            client: makeClient()
        )
        try await engine.tagImage(image.image, as: reference("multi:2"))
        let pushed = try await push("multi:2")
        #expect(pushed.digest == index)
        #expect(pushed.incompleteIndex == nil)
    }

    @Test(
        "an index goes along with its attestation, which is brought from where the image came from"
    )
    func attestation() async throws {
        let (index, manifests) = try await pushIndex(of: ["amd64"], withAttestation: true)
        let amd64 = try Platform("linux/amd64")
        let image = try await engine.pull(
            reference("multi:1"),
            platform: amd64,
            client: makeClient()
        )
        try await engine.tagImage(image.image, as: reference("copy:1"))
        let pushed = try await push("copy:1")
        #expect(pushed.digest == index)
        #expect(try await makeClient().hasManifest(manifests[1], in: reference("copy:1")))

        // Where it cannot be had any more, the image goes alone.
        let revision = "docker/registry/v2/repositories/multi/_manifests/revisions/sha256/"
        try removeTree(registry.storage.appending(revision + manifests[1].hex))
        try removeTree(registry.storage.appending("docker/registry/v2/repositories/copy"))
        try await engine.tagImage(image.image, as: reference("other:1"))
        let alone = try await push("other:1")
        #expect(alone.digest == manifests[0])
        #expect(alone.incompleteIndex == index)
    }

    @Test("a name stands for every platform of its index that is here")
    func variants() async throws {
        _ = try await pushIndex(of: ["386", "amd64"])
        let source = try reference("multi:1")
        let old = try await engine.pull(
            source,
            platform: Platform("linux/386"),
            client: makeClient()
        )
        // amd64 runs 386's, too, and yet has a better one in the index.
        let new = try await engine.pull(
            source,
            platform: Platform("linux/amd64"),
            client: makeClient()
        )
        #expect(new.isNew)
        #expect(new.image.id != old.image.id)
        func found(_ platform: String) async throws -> Digest? {
            try await engine.image(
                matching: source.familiar,
                platform: Platform("linux/\(platform)")
            )?.id
        }
        #expect(try await found("386") == old.image.id)
        #expect(try await found("amd64") == new.image.id)
        let missing = await engineError { _ = try await found("arm64") }
        #expect(
            missing?.description == "image with reference \(source.familiar) was found but its "
                + "platform (linux/amd64) does not match the specified platform (linux/arm64)"
        )
        let saved = try await engine.imagesToSave(
            [source.familiar],
            platform: Platform("linux/386")
        )
        #expect(saved.map(\.manifest) == [old.image.manifest])
    }

    /// A plain layer with one file.
    private func compressed(
        _ folder: FilePath,
        holding name: String
    ) throws -> (bytes: [UInt8], diffID: Digest) {
        let store = try ImageStore(root: folder)
        let upper = folder.appending("upper")
        try makeDirectories(upper, mode: 0o755)
        try atomicWrite(Array(name.utf8), to: upper.appending("name"), mode: 0o644)
        let (diffID, _) = try store.adoptLayer(upper)
        var bytes: [UInt8] = []
        _ = try store.writeTar(of: diffID) { bytes.append(contentsOf: $0) }
        return (bytes, diffID)
    }

    @Test("an index goes along when all of its images are here, and is named when not")
    func index() async throws {
        let (index, manifests) = try await pushIndex()
        let source = try reference("multi:1")
        let amd64 = try Platform("linux/amd64")
        let arm64 = try Platform("linux/arm64")
        let first = try await engine.pull(source, platform: amd64, client: makeClient())
        #expect(first.digest == index)
        try await engine.tagImage(first.image, as: reference("alone:1"))
        let alone = try await push("alone:1")
        #expect(alone.digest == manifests[0])
        #expect(alone.incompleteIndex == index)

        let second = try await engine.pull(source, platform: arm64, client: makeClient())
        #expect(second.image.id != first.image.id)
        // The index stays for as long as an image has its name.
        _ = try await engine.collectImageGarbage()
        let whole = try await engine.push(source, client: makeClient())
        #expect(whole.digest == index)
        try await engine.tagImage(second.image, as: reference("copy:1"))
        let copy = try await push("copy:1")
        #expect(copy.digest == index)
        #expect(copy.incompleteIndex == nil)
        let back = try await TestEngine()
        let image = try await back.engine.pull(
            reference("copy:1"),
            platform: amd64,
            client: makeClient()
        )
        #expect(image.digest == index)
        #expect(image.image.id == first.image.id)

        let chosen = try await engine.push(
            reference("copy:1"),
            platform: amd64,
            client: makeClient()
        )
        #expect(chosen.digest == manifests[0])
    }
}
