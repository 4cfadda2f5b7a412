import FoundationEssentials
import NIOHTTP1
import OCI

/// Carries out an `UploadState`: asks what it says and tells it the answers.
struct BlobUpload: Sendable {
    let client: RegistryClient
    let digest: Digest
    let content: BlobContent
    let target: Target
    let progress: @Sendable (Int64) -> Void

    /// What an attempt gave: the event, and for errors the cause and the pause the server wishes.
    private struct Outcome {
        var event: UploadState.Event
        var cause: RegistryError.Cause?
        var wished: Duration?

        init(_ event: UploadState.Event) { self.event = event }

        init(_ event: UploadState.Event, _ cause: RegistryError.Cause, wished: Duration? = nil) {
            self.event = event
            self.cause = cause
            self.wished = wished
        }
    }

    /// Returns when the registry has the blob.
    func run() async throws {
        var state = UploadState(size: content.size, pieceBytes: client.configuration.pieceBytes)
        do {
            try await drive(&state)
        } catch {
            if let location = state.location {
                // Not cancelled with the task that gives up; ends by its own limits.
                await Task { await client.cancel(location, target) }.value
            }
            throw error
        }
    }

    private func drive(_ state: inout UploadState) async throws {
        var action = UploadState.Action.begin
        while true {
            try Task.checkCancellation()
            let failures = state.failures
            let outcome: Outcome
            switch action {
            case .finish: return
            case .giveUp: throw target.error(.malformed("the upload has no way on"))
            default: outcome = try await attempt(action)
            }
            action = state.handle(outcome.event)
            let cause = outcome.cause ?? .malformed("an upload went another way than asked for")
            if action == .giveUp { throw target.error(cause) }
            if state.failures > failures {
                try await client.pause(
                    after: state.failures,
                    wished: outcome.wished,
                    cause,
                    target
                )
            }
        }
    }

    private func attempt(_ action: UploadState.Action) async throws -> Outcome {
        let failure = BlobPieces.ReadFailure()
        do {
            return try await ask(action, failure)
        } catch let busy as Transport.Busy {
            // The token server's: the registry's own are answers like others.
            return Outcome(
                .refused(status: busy.status),
                await busy.cause(),
                wished: busy.wished
            )
        } catch let fault as Transport.Fault {
            try failure.check()
            try Task.checkCancellation()
            guard fault.mayPass else { throw target.error(fault.cause) }
            return Outcome(.broken, fault.cause)
        }
    }

    private func ask(
        _ action: UploadState.Action,
        _ failure: BlobPieces.ReadFailure
    ) async throws -> Outcome {
        switch action {
        case .begin:
            let url = try await client.address("blobs/uploads/", target)
            let response = try await client.send(url, .POST, [:], RequestBody([]), target)
            guard response.status == 202 else { return await refusal(response) }
            let least = response.headers.first(name: "OCI-Chunk-Min-Length").flatMap { Int64($0) }
            return Outcome(.begun(try location(of: response), leastPiece: least))
        case .complete(let url, let offset):
            let response = try await client.send(
                completing(url),
                .PUT,
                ["Content-Type": "application/octet-stream"],
                body(offset..<content.size, failure),
                target
            )
            guard 200...299 ~= response.status else { return await refusal(response) }
            return Outcome(.committed)
        case .send(let url, let range):
            let response = try await client.send(
                url,
                .PATCH,
                [
                    "Content-Type": "application/octet-stream",
                    "Content-Range": "\(range.lowerBound)-\(range.upperBound - 1)",
                ],
                body(range, failure),
                target
            )
            guard 200...299 ~= response.status else { return await refusal(response) }
            let reached = received(response) ?? range.upperBound
            return Outcome(.holds(upTo: reached, try location(of: response)))
        case .askStatus(let url):
            let response = try await client.send(url, .GET, [:], nil, target)
            guard 200...299 ~= response.status else { return await refusal(response) }
            var next = url
            if response.headers.contains(name: "Location") { next = try location(of: response) }
            return Outcome(.holds(upTo: received(response) ?? 0, next))
        case .lookUp: return Outcome(.found(try await client.hasBlob(digest, target)))
        case .finish, .giveUp: return Outcome(.committed)
        }
    }

    private func body(
        _ range: Range<Int64>,
        _ failure: BlobPieces.ReadFailure
    ) -> RequestBody {
        guard !range.isEmpty else { return RequestBody([]) }
        let pieces = BlobPieces(
            content: content,
            range: range,
            progress: progress,
            failure: failure
        )
        return RequestBody(length: Int64(range.count)) { pieces }
    }

    /// Where the session goes on: relative or absolute, with a query of its own.
    private func location(of response: Response) throws -> URL {
        try client.transport.redirect(
            from: response.url,
            to: response.headers.first(name: "Location"),
            target
        )
    }

    /// The session's address with the digest in its query; what is there already stays as it is.
    private func completing(_ url: URL) throws -> URL {
        let text = url.absoluteString.prefix { $0 != "#" }
        let digest = "digest=\(digest)".replacing(":", with: "%3A")
        guard let result = URL(string: "\(text)\(text.contains("?") ? "&" : "?")\(digest)") else {
            throw target.error(.malformed("\"\(text)\" is not an address to send to"))
        }
        return result
    }

    /// `Range: 0-99` is a hundred bytes. Nothing at all is written `0-0`, like one byte.
    private func received(_ response: Response) -> Int64? {
        guard let text = response.headers.first(name: "Range"),
            let last = text.split(separator: "-").last.flatMap({ Int64($0) })
        else { return nil }
        return last == 0 ? 0 : last + 1
    }

    private func refusal(_ response: Response) async -> Outcome {
        if Transport.Busy.statuses.contains(response.status) {
            let busy = Transport.Busy(response)
            return Outcome(
                .refused(status: busy.status),
                await busy.cause(),
                wished: busy.wished
            )
        }
        let message = await response.registryMessage()
        let cause: RegistryError.Cause =
            switch response.status {
            case 401, 403: .unauthorized(message)
            case 404: .notFound(message)
            default: .status(response.status, message)
            }
        return Outcome(.refused(status: response.status), cause)
    }
}
