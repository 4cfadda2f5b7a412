import NIOHTTP1
package import OCI

extension RegistryClient {
    /// Puts a manifest or an index under a tag or a digest of the reference's repository, with
    /// exactly its bytes; whatever it lists has to be there already.
    package func pushManifest(
        _ document: ManifestDocument,
        as name: String,
        of reference: ImageReference
    ) async throws {
        let target = Target(reference, .push)
        let response = try await get(
            "manifests/\(name)",
            method: .PUT,
            headers: ["Content-Type": document.mediaType],
            body: RequestBody(document.bytes),
            target: target
        )
        try await expectSuccess(response, target)
        let stored = response.headers.first(name: "Docker-Content-Digest").flatMap { Digest($0) }
        let digest = document.descriptor.digest
        if let stored, stored != digest {
            throw target.error(.wrongDigest(expected: digest, found: stored))
        }
    }
}
