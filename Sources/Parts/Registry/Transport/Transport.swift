import AsyncHTTPClient
import FoundationEssentials
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL

/// Requests to registries and token servers: redirects followed with care, faults and answers
/// told apart.
struct Transport: Sendable {
    private let clients: HTTPClients
    private let tls: TLSSettings
    private let settings: RegistrySettings
    private let logger: Logger
    private let answerTimeout: Duration

    static let redirectLimit = 5

    init(_ configuration: RegistryClient.Configuration, logger: Logger) {
        settings = configuration.settings
        clients = HTTPClients(settings, configuration)
        tls = TLSSettings(settings)
        answerTimeout = configuration.answerTimeout
        self.logger = logger
    }

    /// No answer, or one that broke off.
    struct Fault: Error {
        enum Kind {
            /// Nobody is there; asking again at once would not help.
            case refused
            case timedOut
            /// What answers speaks something else.
            case foreign
            /// What answers speaks no TLS.
            case plain
            /// TLS says that one side does not trust the other.
            case untrusted
            case broken
        }
        var kind: Kind
        var reason: String
    }

    /// Sends a request, a GET if nothing else is said, and gives the first answer that is not a
    /// redirect. A body is sent anew to where a redirect leads.
    ///
    /// `authorization` goes to the first origin only: it is dropped for good as soon as a redirect
    /// changes scheme, host or port, and so are the headers of the settings. Redirects lead to https,
    /// or stay on this machine or with registries that may be insecure. With `keepsToOrigin` a
    /// redirect to elsewhere is refused, since the body is secret.
    func get(
        _ url: URL,
        method: HTTPMethod = .GET,
        headers: HTTPHeaders = [:],
        body: RequestBody? = nil,
        authorization: String?,
        keepsToOrigin: Bool = false,
        target: Target
    ) async throws -> Response {
        var url = url
        var authorization = authorization
        var extra = settings.headers.sorted { $0.key < $1.key }
        for _ in 0...Self.redirectLimit {
            var request = HTTPClientRequest(url: url.absoluteString)
            request.method = method
            request.headers = headers
            request.headers.add(name: "User-Agent", value: "berth")
            for (name, value) in extra { request.headers.add(name: name, value: value) }
            if let authorization {
                request.headers.add(name: "Authorization", value: authorization)
            }
            request.body = body?.make()
            let answer = try await execute(
                request,
                to: url,
                within: answerTimeout + (body?.patience ?? .zero),
                target
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
            if Origin(next) != Origin(url) {
                guard !keepsToOrigin else {
                    throw target.error(.redirected("credentials would go to \(next.host() ?? "")"))
                }
                authorization = nil
                extra = []
            }
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
            guard current.scheme == "http", settings.isInsecure(origin.authority) else {
                throw target.error(.redirected("\(origin.host) by plain http"))
            }
        }
        return next
    }

    private func execute(
        _ request: HTTPClientRequest,
        to url: URL,
        within limit: Duration,
        _ target: Target
    ) async throws -> HTTPClientResponse {
        if let problem = settings.problem { throw problem }
        guard let origin = Origin(url) else { throw target.error(.malformed("no address")) }
        let (client, proxy) = try clients.client(for: origin)
        var request = request
        if origin.scheme == "https" {
            request.tlsConfiguration = try tls.configuration(for: origin.authority)
        }
        do {
            let deadline = NIODeadline.now() + TimeAmount(limit)
            return try await client.execute(request, deadline: deadline, logger: logger)
        } catch let error as CancellationError {
            throw error
        } catch {
            // Cancelling a task surfaces as the client's own error.
            try Task.checkCancellation()
            var fault = Fault(error, isBeforeAnswer: true)
            if fault.kind == .broken, let tls = request.tlsConfiguration,
                tls.certificateChain.isEmpty, !tls.additionalTrustRoots.isEmpty
            {
                // With TLS 1.3 a registry that misses a certificate of ours just hangs up.
                fault.reason += "; does the registry want a client certificate? It would be taken "
                fault.reason += "from /etc/docker/certs.d/\(origin.authority.text)/client.cert"
            }
            if let proxy { fault.reason += " (through the proxy \(proxy))" }
            throw fault
        }
    }
}
