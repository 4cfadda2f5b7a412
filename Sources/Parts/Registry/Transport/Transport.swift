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
    private let demand: Pace.Demand

    static let redirectLimit = 5

    init(_ configuration: RegistryClient.Configuration, logger: Logger) {
        settings = configuration.settings
        tls = TLSSettings(settings)
        clients = HTTPClients(settings, configuration, tls)
        answerTimeout = configuration.answerTimeout
        demand = Pace.Demand(
            window: configuration.idleTimeout,
            leastBytes: configuration.leastBytesPerIdleTimeout
        )
        self.logger = logger
    }

    /// No answer, or one that broke off.
    struct Fault: Error {
        enum Kind {
            /// Nothing answers; asking again at once would not help.
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
    /// redirect. A body is sent again to where a redirect leads.
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
            let answer = try await execute(request, body, to: url, target)
            let status = Int(answer.status.code)
            guard [301, 302, 303, 307, 308].contains(status) else {
                return Response(
                    url: url,
                    status: status,
                    headers: answer.headers,
                    content: answer.body,
                    demand: demand
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

    /// Sends a request, with each client certificate there is for its host until one is taken.
    private func execute(
        _ request: HTTPClientRequest,
        _ body: RequestBody?,
        to url: URL,
        _ target: Target
    ) async throws -> HTTPClientResponse {
        if let problem = settings.problem { throw problem }
        guard let origin = Origin(url) else { throw target.error(.malformed("no address")) }
        let way = try await clients.way(to: origin)
        var request = request
        guard origin.scheme == "https" else {
            return try await send(request, body, by: way, origin)
        }
        let configurations = try tls.configurations(for: origin.authority)
        for (index, configuration) in configurations.enumerated() {
            request.tlsConfiguration = configuration
            do {
                let answer = try await send(request, body, by: way, origin)
                if index > 0 { tls.prefer(configuration, for: origin.authority) }
                return answer
            } catch let fault as Fault {
                let isLast = index + 1 == configurations.count
                guard fault.mayBeAboutUs, !isLast else { throw fault }
            }
        }
        preconditionFailure("there is always a configuration")
    }

    private func send(
        _ request: HTTPClientRequest,
        _ body: RequestBody?,
        by way: HTTPClients.Way,
        _ origin: Origin
    ) async throws -> HTTPClientResponse {
        var request = request
        request.body = body?.make()
        do {
            let deadline =
                NIODeadline.now() + TimeAmount(answerTimeout + (body?.patience ?? .zero))
            return try await way.client.execute(request, deadline: deadline, logger: logger)
        } catch let error as CancellationError {
            throw error
        } catch {
            // Cancelling a task surfaces as the client's own error.
            try Task.checkCancellation()
            if let fault = way.takeFault() { throw fault }
            var fault = Fault(error, isBeforeAnswer: true)
            if fault.kind == .broken, let tls = request.tlsConfiguration,
                tls.certificateChain.isEmpty, !tls.additionalTrustRoots.isEmpty
            {
                // With TLS 1.3 a registry that misses a certificate of ours just hangs up.
                fault.reason += "; does the registry want a client certificate? It would be taken "
                fault.reason += "from /etc/docker/certs.d/\(origin.authority.text)/client.cert"
            }
            if let proxy = way.proxy { fault.reason += " (through the proxy \(proxy))" }
            throw fault
        }
    }
}

extension Transport.Fault {
    /// Whether another client certificate might help: the registry says so, or just hangs up, as it
    /// does with TLS 1.3.
    fileprivate var mayBeAboutUs: Bool {
        kind == .broken || (kind == .untrusted && reason.hasPrefix("tls: the registry"))
    }
}
