import AsyncHTTPClient
import FoundationEssentials
package import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// Speaks to registries: the pulling side of the OCI distribution API and Docker's registry v2.
///
/// Plain http is for registries on this machine only. Credentials go to the registry they are for,
/// and to its token server.
package final class RegistryClient: Sendable {
    package struct Configuration: Sendable {
        package var retry = RetryPolicy()
        package var connectTimeout: Duration = .seconds(10)
        /// From the request to the answer's head.
        package var answerTimeout: Duration = .seconds(60)
        /// Between two pieces of an answer.
        package var idleTimeout: Duration = .seconds(30)
        /// A blob that brings less than this in `idleTimeout` is asked for again.
        package var leastBytesPerIdleTimeout = 30 << 10
        /// What is known for a registry; asked when it wants some.
        package var credentials: @Sendable (RegistryHost) async throws -> Credentials? = { _ in nil
        }

        package init() {}
    }

    let configuration: Configuration
    let transport: Transport
    let logger: Logger
    private let authenticator: Authenticator
    private let client: HTTPClient
    /// The scheme that each registry answered to.
    private let schemes = Mutex<[RegistryHost: String]>([:])

    package init(_ configuration: Configuration = Configuration(), logger: Logger) {
        var settings = HTTPClient.Configuration()
        settings.redirectConfiguration = .disallow
        settings.timeout.connect = TimeAmount(configuration.connectTimeout)
        settings.timeout.read = TimeAmount(configuration.idleTimeout)
        settings.timeout.write = TimeAmount(configuration.idleTimeout)
        // Faults are this client's to judge; the pool would go on trying on its own.
        settings.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        self.configuration = configuration
        self.logger = logger
        transport = Transport(
            client: client,
            answerTimeout: configuration.answerTimeout,
            logger: logger
        )
        authenticator = Authenticator(credentials: configuration.credentials, logger: logger)
    }

    deinit {
        // Only closes idle connections: every request holds this object.
        client.shutdown { _ in }
    }

    /// Asks a registry for what is under `/v2/<repository>/<path>`, authenticating where it wants
    /// that, again where the fault may pass.
    func get(
        _ path: String,
        method: HTTPMethod = .GET,
        headers: HTTPHeaders = [:],
        body: RequestBody? = nil,
        target: Target
    ) async throws -> Response {
        var failures = 0
        while true {
            let wished: Duration?
            let cause: RegistryError.Cause
            do {
                let response = try await authorized(
                    try await address(path, target),
                    method,
                    headers,
                    body,
                    target
                )
                guard [408, 429, 500, 502, 503, 504].contains(response.status) else {
                    return response
                }
                wished = response.headers.first(name: "Retry-After").flatMap { Int($0) }
                    .map { .seconds(min(max($0, 0), 3600)) }
                cause =
                    response.status == 429
                    ? .tooManyRequests
                    : .status(response.status, await response.registryMessage())
            } catch let fault as Transport.Fault {
                cause = fault.cause
                guard fault.kind != .refused, fault.kind != .foreign else {
                    throw target.error(cause)
                }
                wished = nil
            }
            failures += 1
            try await pause(after: failures, wished: wished, cause, target)
        }
    }

    /// Waits before the next attempt, or gives up with the last one's cause.
    func pause(
        after failures: Int,
        wished: Duration? = nil,
        _ cause: RegistryError.Cause,
        _ target: Target
    ) async throws {
        guard let pause = configuration.retry.pause(afterFailures: failures, wished: wished) else {
            throw target.error(cause)
        }
        logger.debug(
            "asking the registry again",
            metadata: [
                "registry": "\(target.host.name)", "after": "\(pause)",
                "because": "\(target.error(cause))",
            ]
        )
        try await Task.sleep(for: pause)
    }

    /// Asks once, and a second time with what the registry's challenge wants.
    func authorized(
        _ url: URL,
        _ method: HTTPMethod,
        _ headers: HTTPHeaders,
        _ body: RequestBody?,
        _ target: Target
    ) async throws -> Response {
        guard let origin = Origin(url) else { throw target.error(.malformed("no address")) }
        let key = TokenCache.Key(origin: origin, scope: target.scope)
        let first = try await transport.get(
            url,
            method: method,
            headers: headers,
            body: body,
            authorization: authenticator.cached(for: key),
            target: target
        )
        guard first.status == 401, Origin(first.url) == origin else { return first }
        let answer = try await authenticator.answer(
            first.headers["WWW-Authenticate"],
            for: key,
            target: target,
            transport: transport
        )
        guard let answer else { return first }
        return try await transport.get(
            url,
            method: method,
            headers: headers,
            body: body,
            authorization: answer,
            target: target
        )
    }

    /// The address of something in a repository. Which scheme a loopback registry speaks is found
    /// out once.
    func address(_ path: String, _ target: Target) async throws -> URL {
        let host = target.host
        func url(_ scheme: String, _ path: String) throws -> URL {
            guard let url = URL(string: "\(scheme)://\(host.authority)/v2/\(path)") else {
                throw target.error(.malformed("\(host.authority) is not an address"))
            }
            return url
        }
        let known =
            schemes.withLock { $0[host] } ?? (host.schemes.count == 1 ? host.schemes[0] : nil)
        let scheme: String
        if let known {
            scheme = known
        } else {
            scheme = try await speaksPlainly(try url("http", ""), target) ? "http" : "https"
            schemes.withLock { $0[host] = scheme }
        }
        return try url(scheme, "\(target.path)/\(path)")
    }

    /// Whether a server on this machine answers plain http. One that speaks TLS breaks off, or says
    /// that it wants https.
    private func speaksPlainly(_ url: URL, _ target: Target) async throws -> Bool {
        do {
            let answer = try await transport.get(url, authorization: nil, target: target)
            guard answer.status == 400 else { return true }
            let text = try await answer.body(limit: 1 << 16, target: target)
            return !String(decoding: text, as: UTF8.self).contains("HTTPS")
        } catch let fault as Transport.Fault {
            guard fault.kind == .broken || fault.kind == .foreign else { throw fault }
            return false
        }
    }
}

extension Transport.Fault {
    var cause: RegistryError.Cause {
        switch kind {
        case .refused, .foreign: .unreachable(reason)
        case .timedOut: .timedOut
        case .broken: .interrupted(reason)
        }
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
