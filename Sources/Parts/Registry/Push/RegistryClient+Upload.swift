import FoundationEssentials
import Logging
import NIOHTTP1
package import OCI

/// How a blob came to be where it was to be sent.
package enum Uploaded: Hashable, Sendable {
    case alreadyThere
    /// Taken over from another repository of the registry: its path.
    case mounted(from: String)
    case sent
}

extension RegistryClient {
    /// Brings a blob into the reference's repository: not at all if it is there, by a mount from one
    /// of `sources` (paths of repositories of the same registry that are known to have it), or by
    /// sending it. `progress` is told how many bytes have gone.
    ///
    /// Ends with the registry's session closed, whatever happens. The digest is the registry's to
    /// check.
    package func upload(
        _ digest: Digest,
        _ content: BlobContent,
        to reference: ImageReference,
        mountingFrom sources: [String] = [],
        progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async throws -> Uploaded {
        let target = Target(reference, .push)
        if try await hasBlob(digest, target) { return .alreadyThere }
        for source in sources.filter({ $0 != target.path }).prefix(Self.mountAttempts)
        where try await mount(digest, from: source, reference) {
            return .mounted(from: source)
        }
        try await BlobUpload(
            client: self,
            digest: digest,
            content: content,
            target: target,
            progress: progress
        ).run()
        return .sent
    }

    /// As many as Docker tries.
    private static let mountAttempts = 4

    /// Whether a repository has a blob. A registry that refuses HEAD does not say so: the blob is
    /// sent then, and what really stands in the way is found there. Since that may be a lot to send
    /// for nothing, it is asked twice.
    func hasBlob(_ digest: Digest, _ target: Target) async throws -> Bool {
        let response = try await head("blobs/\(digest)", attempts: 2, target: target)
        return response.map { $0.status != 404 } ?? false
    }

    /// Asks the registry to take a blob over from another repository; false when it does not.
    private func mount(
        _ digest: Digest,
        from source: String,
        _ reference: ImageReference
    ) async throws -> Bool {
        let target = Target(reference, .push, sources: [source])
        let response: Response
        do {
            response = try await get(
                "blobs/uploads/?mount=\(digest)&from=\(source)",
                method: .POST,
                body: RequestBody([]),
                target: target
            )
        } catch let error as RegistryError {
            // A token that also reads the source may be refused; sending needs none.
            guard case .unauthorized = error.cause else { throw error }
            return false
        }
        guard response.status != 201 else { return true }
        // Instead it has begun an upload, which is not continued.
        if response.status == 202, let location = response.headers.first(name: "Location") {
            await cancel(try transport.redirect(from: response.url, to: location, target), target)
        }
        return false
    }

    /// Tells the registry that a session is over; one that does not hear it ends by itself later.
    func cancel(_ location: URL, _ target: Target) async {
        do {
            _ = try await send(location, .DELETE, [:], nil, target)
        } catch {
            logger.debug(
                "an upload could not be cancelled",
                metadata: ["registry": "\(target.host.name)", "because": "\(error)"]
            )
        }
    }

    /// Sends to an address that the registry gave: with its token if that is the registry's own,
    /// without any secret otherwise.
    func send(
        _ url: URL,
        _ method: HTTPMethod,
        _ headers: HTTPHeaders,
        _ body: RequestBody?,
        _ target: Target
    ) async throws -> Response {
        guard Origin(url) == Origin(try await address("", target)) else {
            return try await transport.get(
                url,
                method: method,
                headers: headers,
                body: body,
                authorization: nil,
                target: target
            )
        }
        return try await authorized(url, method, headers, body, target)
    }
}
