import NIOHTTP1
package import OCI

extension RegistryClient {
    /// How many indexes may lead to one another.
    private static let indexDepth = 4

    /// Finds the image of a reference for a platform: manifest, configuration, list of layers.
    ///
    /// The reference is looked up by its digest if it has one, else by its tag, else by `latest`.
    /// Of an index the best entry that runs on the platform is taken. A single image of another
    /// platform is an error if the user asked for the platform, otherwise a warning.
    package func resolve(
        _ reference: ImageReference,
        platform: Platform = .host,
        isPlatformExplicit: Bool = false
    ) async throws -> ResolvedImage {
        try await withMirrors(of: reference) { target in
            try await resolve(reference, platform, isPlatformExplicit, target)
        }
    }

    private func resolve(
        _ reference: ImageReference,
        _ platform: Platform,
        _ isPlatformExplicit: Bool,
        _ target: Target
    ) async throws -> ResolvedImage {
        let wanted = reference.resolvable
        let top = try await document(
            wanted.digest?.description ?? wanted.tag ?? ImageReference.defaultTag,
            expecting: wanted.digest,
            target: target
        )
        var indexes: [ManifestDocument] = []
        var current = top
        while case .index(let index) = current.content {
            indexes.append(current)
            guard indexes.count <= Self.indexDepth else {
                throw target.error(.malformed("indexes nested more than \(Self.indexDepth) deep"))
            }
            let candidates = index.candidates(for: platform).filter {
                MediaType.isManifest($0.mediaType) || MediaType.isIndex($0.mediaType)
            }
            guard let chosen = candidates.first else {
                let offered = index.manifests.filter { !$0.isAttestation }.compactMap(\.platform)
                throw target.error(.noPlatform(wanted: platform, offered: offered))
            }
            current = try await document(
                chosen.digest.description,
                expecting: chosen.digest,
                size: chosen.size,
                isListed: true,
                target: target
            )
        }
        guard case .manifest(let manifest) = current.content else {
            throw target.error(.malformed("no manifest"))
        }
        try check(manifest, target)
        let bytes = try await smallBlob(manifest.config, target: target)
        let configuration = try wrapping(target) { () throws(OCIError) in
            try ImageConfiguration(bytes: bytes)
        }
        guard configuration.diffIDs.count == manifest.layers.count else {
            throw target.error(
                .malformed(
                    "its configuration lists \(configuration.diffIDs.count) layers, "
                        + "its manifest \(manifest.layers.count)"
                )
            )
        }
        var warnings: [String] = []
        if platform.rank(of: configuration.platform) == nil {
            let mismatch = target.error(
                .otherPlatform(wanted: platform, found: configuration.platform)
            )
            if isPlatformExplicit { throw mismatch }
            guard configuration.platform.hasOurSystem else {
                throw target.error(.otherSystem(configuration.platform.os))
            }
            warnings.append(
                "\(target.subject): the image is for \(configuration.platform), "
                    + "this machine is \(platform)"
            )
        }
        return ResolvedImage(
            reference: reference,
            digest: top.descriptor.digest,
            indexes: indexes,
            document: current,
            manifest: manifest,
            configuration: configuration,
            configurationBytes: bytes,
            warnings: warnings
        )
    }

    /// The digest a reference points to at present, with nothing fetched if the registry allows.
    package func digest(of reference: ImageReference) async throws -> Digest {
        let wanted = reference.resolvable
        if let digest = wanted.digest { return digest }
        return try await withMirrors(of: reference) { target in
            try await digest(of: wanted.tag ?? ImageReference.defaultTag, target)
        }
    }

    private func digest(of tag: String, _ target: Target) async throws -> Digest {
        let response = try await head(
            "manifests/\(tag)",
            headers: Self.acceptManifests,
            target: target
        )
        // Some registries answer HEAD with 404 although the manifest is there.
        if let response, response.status != 404,
            let digest = response.headers.first(name: "Docker-Content-Digest")
                .flatMap({ Digest($0) })
        {
            return digest
        }
        return try await document(tag, expecting: nil, target: target).descriptor.digest
    }

    /// The manifest or index that a reference points to.
    package func manifest(of reference: ImageReference) async throws -> ManifestDocument {
        let wanted = reference.resolvable
        return try await withMirrors(of: reference) { target in
            try await document(
                wanted.digest?.description ?? wanted.tag ?? ImageReference.defaultTag,
                expecting: wanted.digest,
                target: target
            )
        }
    }

    /// A manifest that an index lists, verified.
    package func manifest(
        _ descriptor: Descriptor,
        in reference: ImageReference
    ) async throws -> ManifestDocument {
        try await withMirrors(of: reference) { target in
            try await document(
                descriptor.digest.description,
                expecting: descriptor.digest,
                size: descriptor.size,
                isListed: true,
                target: target
            )
        }
    }

    /// Whether the repository that is pushed to has a manifest or an index.
    package func hasManifest(_ digest: Digest, in reference: ImageReference) async throws -> Bool {
        let target = Target(reference, .push)
        let response = try await head(
            "manifests/\(digest)",
            headers: Self.acceptManifests,
            target: target
        )
        if let response { return response.status != 404 }
        let answer = try await get(
            "manifests/\(digest)",
            headers: Self.acceptManifests,
            target: target
        )
        if answer.status == 404 { return false }
        try await expectSuccess(answer, target)
        return true
    }

    private static var acceptManifests: HTTPHeaders {
        HTTPHeaders(MediaType.manifests.map { ("Accept", $0) })
    }

    /// One manifest or index, verified; `isListed` when an index that was read lists it.
    private func document(
        _ name: String,
        expecting expected: Digest?,
        size: Int64? = nil,
        isListed: Bool = false,
        target: Target
    ) async throws -> ManifestDocument {
        let response = try await get(
            "manifests/\(name)",
            headers: Self.acceptManifests,
            target: target
        )
        if isListed, let expected {
            try await expect(.manifest, expected, response, target)
        } else {
            try await expectSuccess(response, target)
        }
        let bytes = try await body(response, limit: OCIJSON.manifestLimit, target)
        let found = Digest.of(bytes)
        let announced = response.headers.first(name: "Docker-Content-Digest").flatMap { Digest($0) }
        for promised in [expected, announced].compactMap({ $0 }) where promised != found {
            throw target.error(.wrongDigest(expected: promised, found: found))
        }
        if let size, size != Int64(bytes.count) {
            throw target.error(.wrongSize(expected: size, found: Int64(bytes.count)))
        }
        return try wrapping(target) { () throws(OCIError) in
            try ManifestDocument(
                bytes: bytes,
                contentType: response.plainHeader("Content-Type"),
                subject: "manifest of \(target.subject)"
            )
        }
    }

    /// A configuration, verified; at most as large as configurations may be.
    private func smallBlob(_ descriptor: Descriptor, target: Target) async throws -> [UInt8] {
        if let data = descriptor.data { return data }
        guard descriptor.size <= OCIJSON.configurationLimit else {
            throw target.error(.tooLarge(limit: OCIJSON.configurationLimit))
        }
        let response = try await get("blobs/\(descriptor.digest)", target: target)
        try await expect(.configuration, descriptor.digest, response, target)
        let bytes = try await body(response, limit: Int(descriptor.size), target)
        guard bytes.count == descriptor.size else {
            throw target.error(.wrongSize(expected: descriptor.size, found: Int64(bytes.count)))
        }
        let found = Digest.of(bytes)
        guard found == descriptor.digest else {
            throw target.error(.wrongDigest(expected: descriptor.digest, found: found))
        }
        return bytes
    }

    private func body(_ response: Response, limit: Int, _ target: Target) async throws -> [UInt8] {
        do {
            return try await response.body(limit: limit, target: target)
        } catch let fault as Transport.Fault {
            throw target.error(fault.cause)
        }
    }

    private func check(_ manifest: Manifest, _ target: Target) throws {
        let type = manifest.config.mediaType
        guard type != MediaType.dockerPlugin else {
            throw target.error(.notAnImage("it is a plugin, not an image"))
        }
        // Docker's own tools once wrote octet-stream.
        let known = [MediaType.ociConfig, MediaType.dockerConfig, "application/octet-stream"]
        guard known.contains(type) else {
            throw target.error(.notAnImage("it is not an image but an artifact of type \(type)"))
        }
        if let other = manifest.layers.first(where: { !MediaType.isLayer($0.mediaType) }) {
            throw target.error(.notAnImage("one of its layers is of type \(other.mediaType)"))
        }
    }

    private func wrapping<R>(
        _ target: Target,
        _ body: () throws(OCIError) -> R
    ) throws(RegistryError) -> R {
        do throws(OCIError) { return try body() } catch {
            throw target.error(.malformed("\(error)"))
        }
    }
}

extension RegistryClient {
    /// The same for a part of an image whose manifest or index has been read: that the part is not
    /// there does not mean that there is no such image.
    func expect(
        _ part: RegistryError.Part,
        _ digest: Digest,
        _ response: Response,
        _ target: Target
    ) async throws {
        guard response.status == 404 else { return try await expectSuccess(response, target) }
        throw target.error(.missing(part, digest, await response.registryMessage()))
    }

    /// Turns an answer that is not a success into the error it means.
    func expectSuccess(_ response: Response, _ target: Target) async throws {
        switch response.status {
        case 200...299: return
        case 401, 403: throw target.error(.unauthorized(await response.registryMessage()))
        case 404: throw target.error(.notFound(await response.registryMessage()))
        default: throw target.error(.status(response.status, await response.registryMessage()))
        }
    }
}
