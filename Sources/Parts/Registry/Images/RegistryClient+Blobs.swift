import AsyncHTTPClient
import NIOCore
import NIOHTTP1
package import OCI

extension RegistryClient {
    /// Fetches a blob of an image's repository from an offset to its end and hands it on piece by
    /// piece, in order; what `receive` throws ends the download.
    ///
    /// A download that breaks off, stalls or crawls goes on where it was, for as long as each
    /// attempt brings something. The size is enforced; the digest is the receiver's to check.
    package func fetchBlob(
        _ descriptor: Descriptor,
        of reference: ImageReference,
        from offset: Int64 = 0,
        receive: ([UInt8]) async throws -> Void
    ) async throws {
        var position = offset
        try await withMirrors(of: reference) { target in
            try await fetchBlob(descriptor, target, &position, receive)
        }
    }

    private func fetchBlob(
        _ descriptor: Descriptor,
        _ target: Target,
        _ position: inout Int64,
        _ receive: ([UInt8]) async throws -> Void
    ) async throws {
        var failures = 0
        while position < descriptor.size {
            let start = position
            let response = try await request(descriptor, from: position, target)
            do {
                try await self.receive(response, descriptor, &position, target, receive)
                if position < descriptor.size {
                    throw Transport.Fault(kind: .broken, reason: "the blob ended too early")
                }
            } catch let fault as Transport.Fault {
                try Task.checkCancellation()
                // A trickle is no progress: the download would end some day only.
                let least = configuration.leastBytesPerIdleTimeout
                let enough = fault.kind == .timedOut ? least : min(least, 4 << 10)
                failures = position - start >= Int64(enough) ? 1 : failures + 1
                try await pause(after: failures, .interrupted(fault.reason), target)
            }
        }
    }

    private func request(
        _ descriptor: Descriptor,
        from position: Int64,
        _ target: Target
    ) async throws -> Response {
        // The digest is over the bytes as they are stored, not as a server likes to send them.
        var headers = HTTPHeaders([("Accept-Encoding", "identity")])
        if position > 0 { headers.add(name: "Range", value: "bytes=\(position)-") }
        let response = try await get(
            "blobs/\(descriptor.digest)",
            headers: headers,
            target: target
        )
        try await expect(.layer, descriptor.digest, response, target)
        if let encoding = response.headers.first(name: "Content-Encoding"), encoding != "identity" {
            throw target.error(.malformed("a blob with Content-Encoding \(encoding)"))
        }
        return response
    }

    /// Takes one answer's body, from `position` on.
    private func receive(
        _ response: Response,
        _ descriptor: Descriptor,
        _ position: inout Int64,
        _ target: Target,
        _ receive: ([UInt8]) async throws -> Void
    ) async throws {
        var toSkip: Int64 = 0
        if response.status == 206 {
            guard let range = ContentRange(response.headers.first(name: "Content-Range")),
                range.first == position, range.total == nil || range.total == descriptor.size
            else { throw target.error(.malformed("another range than was asked for")) }
        } else {
            // The whole blob again: what is there already passes by unused.
            toSkip = position
        }
        var pace = Pace(response.demand)
        var content = response.content.makeAsyncIterator()
        while let buffer = try await next(&content) {
            try pace.check(buffer.readableBytes)
            var bytes = buffer.readableBytesView[...]
            let skipped = min(toSkip, Int64(bytes.count))
            bytes = bytes.dropFirst(Int(skipped))
            toSkip -= skipped
            guard !bytes.isEmpty else { continue }
            guard position + Int64(bytes.count) <= descriptor.size else {
                throw target.error(
                    .wrongSize(expected: descriptor.size, found: position + Int64(bytes.count))
                )
            }
            position += Int64(bytes.count)
            try await receive([UInt8](bytes))
        }
    }

    private func next(
        _ content: inout Response.Content.AsyncIterator
    ) async throws -> ByteBuffer? {
        do {
            return try await content.next()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw Transport.Fault(error)
        }
    }
}

/// `bytes 100-199/1000`, RFC 9110, 14.4.
struct ContentRange: Equatable {
    var first: Int64
    var total: Int64?

    init?(_ text: String?) {
        guard let text, text.hasPrefix("bytes ") else { return nil }
        let parts = text.dropFirst("bytes ".count).split(separator: "/")
        guard parts.count == 2, let dash = parts[0].firstIndex(of: "-"),
            let first = Int64(parts[0][..<dash])
        else { return nil }
        self.first = first
        total = Int64(parts[1])
    }
}
