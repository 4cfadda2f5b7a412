import AsyncHTTPClient
import FoundationEssentials
import Glibc
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

/// Requests to registries and token servers: redirects followed with care, faults and answers
/// told apart.
struct Transport: Sendable {
    private let client: HTTPClient
    private let logger: Logger
    private let answerTimeout: Duration

    static let redirectLimit = 5

    init(client: HTTPClient, answerTimeout: Duration, logger: Logger) {
        self.client = client
        self.answerTimeout = answerTimeout
        self.logger = logger
    }

    /// No answer, or one that broke off.
    struct Fault: Error {
        enum Kind {
            /// Nobody is there; asking again at once would not help.
            case refused
            case timedOut
            /// What answers speaks something else, or has a certificate that is not trusted.
            case foreign
            case broken
        }
        var kind: Kind
        var reason: String
    }

    /// Sends a request, a GET if nothing else is said, and gives the first answer that is not a
    /// redirect. A body is sent anew to where a redirect leads.
    ///
    /// `authorization` goes to the first origin only: it is dropped for good as soon as a redirect
    /// changes scheme, host or port. Redirects lead to https, or stay on this machine.
    func get(
        _ url: URL,
        method: HTTPMethod = .GET,
        headers: HTTPHeaders = [:],
        body: RequestBody? = nil,
        authorization: String?,
        target: Target
    ) async throws -> Response {
        var url = url
        var authorization = authorization
        for _ in 0...Self.redirectLimit {
            var request = HTTPClientRequest(url: url.absoluteString)
            request.method = method
            request.headers = headers
            request.headers.add(name: "User-Agent", value: "berth")
            if let authorization {
                request.headers.add(name: "Authorization", value: authorization)
            }
            request.body = body?.make()
            let answer = try await execute(
                request,
                within: answerTimeout + (body?.patience ?? .zero)
            )
            let status = Int(answer.status.code)
            guard [301, 302, 303, 307, 308].contains(status) else {
                return Response(
                    url: url,
                    status: status,
                    headers: answer.headers,
                    content: answer.body
                )
            }
            let next = try redirect(from: url, to: answer.headers.first(name: "Location"), target)
            if Origin(next) != Origin(url) { authorization = nil }
            url = next
        }
        throw target.error(.redirected("more than \(Self.redirectLimit) in a row"))
    }

    /// Where an answer sends us, if that may be followed.
    func redirect(from url: URL, to location: String?, _ target: Target) throws -> URL {
        guard let location, let next = URL(string: location, relativeTo: url)?.absoluteURL,
            let origin = Origin(next), let current = Origin(url)
        else { throw target.error(.redirected("\"\(location ?? "")\" is not an address")) }
        if origin.isLoopback, !current.isLoopback {
            throw target.error(.redirected("\(origin.host) is this machine"))
        }
        if origin.scheme == "http" {
            guard current.scheme == "http", origin.isLoopback else {
                throw target.error(.redirected("\(origin.host) by plain http"))
            }
        }
        return next
    }

    private func execute(
        _ request: HTTPClientRequest,
        within limit: Duration
    ) async throws -> HTTPClientResponse {
        do {
            let deadline = NIODeadline.now() + TimeAmount(limit)
            return try await client.execute(request, deadline: deadline, logger: logger)
        } catch let error as CancellationError {
            throw error
        } catch {
            // Cancelling a task surfaces as the client's own error.
            try Task.checkCancellation()
            throw Fault(error, isBeforeAnswer: true)
        }
    }
}

extension Transport.Fault {
    /// Puts the network's and the client's errors into kinds and words.
    ///
    /// Before an answer, what is neither of these two comes from TLS or from the parser of HTTP.
    init(_ error: any Error, isBeforeAnswer: Bool = false) {
        switch error {
        case let fault as Transport.Fault: self = fault
        case let error as NIOConnectionError: self.init(connection: error)
        case let error as NIOCore.IOError:
            self.init(
                kind: error.errnoCode == ECONNREFUSED ? .refused : .broken,
                reason: Self.words(for: error.errnoCode)
            )
        case let error as HTTPClientError: self.init(client: error)
        default:
            self.init(
                kind: isBeforeAnswer ? .foreign : .broken,
                reason: "the connection failed: \(error)"
            )
        }
    }

    private init(connection error: NIOConnectionError) {
        if error.dnsAError != nil || error.dnsAAAAError != nil, error.connectionErrors.isEmpty {
            self.init(kind: .refused, reason: "no such host: \(error.host)")
            return
        }
        let codes = error.connectionErrors.compactMap { ($0.error as? NIOCore.IOError)?.errnoCode }
        self.init(
            kind: .refused,
            reason: codes.first.map(Self.words) ?? "no connection to \(error.host):\(error.port)"
        )
    }

    private init(client error: HTTPClientError) {
        switch error {
        case .connectTimeout, .readTimeout, .deadlineExceeded, .getConnectionFromPoolTimeout,
            .tlsHandshakeTimeout:
            self.init(kind: .timedOut, reason: "no answer in time")
        case .remoteConnectionClosed:
            self.init(kind: .broken, reason: "the connection was closed in the middle")
        default: self.init(kind: .broken, reason: "\(error)")
        }
    }

    private static func words(for code: CInt) -> String {
        strerror(code).map { String(cString: $0).lowercased() } ?? "error \(code)"
    }
}
