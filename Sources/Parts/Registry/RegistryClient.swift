import AsyncHTTPClient
import FoundationEssentials
package import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// Speaks to registries: the pulling side of the OCI distribution API and Docker's registry v2.
///
/// Plain http is for registries on this machine, and for those that the settings name. Credentials
/// go to the registry they are for, and to its token server.
package final class RegistryClient: Sendable {
    /// What a client needs to know about this machine and user.
    package struct Configuration: Sendable {
        package var retry = RetryPolicy()
        package var connectTimeout: Duration = .seconds(10)
        /// From the request to the answer's head.
        package var answerTimeout: Duration = .seconds(60)
        /// Between two pieces of an answer.
        package var idleTimeout: Duration = .seconds(30)
        /// What brings less than this in `idleTimeout` is asked for again.
        package var leastBytesPerIdleTimeout = 30 << 10
        /// Mirrors, certificates, proxies, what may be insecure.
        package var settings = RegistrySettings()
        /// Blobs are sent in pieces of this size; nil: whole, where the registry takes them so.
        package var pieceBytes: Int64?
        /// What is known for a registry; asked when it wants some.
        package var credentials: @Sendable (RegistryHost) async throws -> Credentials? = { _ in nil
        }

        package init() {}
    }

    let configuration: Configuration
    let transport: Transport
    let logger: Logger
    let authenticator: Authenticator
    /// The scheme that each registry answered to.
    private let schemes = Mutex<[RegistryHost: String]>([:])
    /// Mirrors that have failed; asked no more.
    let failedMirrors = Mutex<Set<Mirror>>([])

    package init(_ configuration: Configuration = Configuration(), logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        transport = Transport(configuration, logger: logger)
        authenticator = Authenticator(
            credentials: configuration.credentials,
            settings: configuration.settings,
            logger: logger
        )
    }

    /// Asks a registry for what is under `/v2/<repository>/<path>`, authenticating where it wants
    /// that, again where the fault may pass, but no more than `attempts` times.
    func get(
        _ path: String,
        method: HTTPMethod = .GET,
        headers: HTTPHeaders = [:],
        body: RequestBody? = nil,
        attempts: Int = .max,
        target: Target
    ) async throws -> Response {
        try await retrying(target, attempts: attempts) {
            if body == nil, let answer = try await guessing(path, method, headers, target) {
                return answer
            }
            return try await authorized(
                try await address(path, target),
                method,
                headers,
                body,
                target
            )
        }
    }

    /// Asks by HEAD for what the headers say about a manifest or a blob; nil where the answer says
    /// neither that it is there nor that it is not.
    ///
    /// Some registries and proxies refuse HEAD, limit it or stumble over it while all else works:
    /// its failure says nothing about the image's. The caller asks in another way, which says what is so.
    func head(
        _ path: String,
        headers: HTTPHeaders = [:],
        attempts: Int = 1,
        target: Target
    ) async throws -> Response? {
        do {
            let response = try await get(
                path,
                method: .HEAD,
                headers: headers,
                attempts: attempts,
                target: target
            )
            return 200...299 ~= response.status || response.status == 404 ? response : nil
        } catch let error as RegistryError {
            // The host is not there for another request, either.
            if case .unreachable = error.cause { throw error }
            if case .untrusted = error.cause { throw error }
            logger.debug(
                "the registry does not answer HEAD",
                metadata: ["registry": "\(target.host.name)", "because": "\(error)"]
            )
            return nil
        }
    }

    /// Makes a request again while its fault may pass.
    func retrying(
        _ target: Target,
        attempts: Int = .max,
        _ request: () async throws -> Response
    ) async throws -> Response {
        var failures = 0
        while true {
            var wished: Duration?
            let cause: RegistryError.Cause
            do {
                let response = try await request()
                guard Transport.Busy.statuses.contains(response.status) else { return response }
                throw Transport.Busy(response)
            } catch let busy as Transport.Busy {
                wished = busy.wished
                cause = await busy.cause()
            } catch let fault as Transport.Fault {
                cause = fault.cause
                guard fault.mayPass else { throw target.error(cause) }
            }
            failures += 1
            guard failures < attempts else { throw target.error(cause) }
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
        var policy = configuration.retry
        // There is somebody else to ask.
        if target.mirror != nil { policy.attempts = min(policy.attempts, 2) }
        guard let pause = policy.pause(afterFailures: failures, wished: wished) else {
            throw target.error(cause)
        }
        logger.log(
            level: pause >= .seconds(5) ? .warning : .debug,
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

    /// The address of something in a repository, or in the registry itself. Which scheme a registry
    /// speaks that may be insecure is found out once.
    func address(_ path: String, _ target: Target) async throws -> URL {
        let root =
            if let mirror = target.mirror {
                mirror.address
            } else {
                "\(try await scheme(target))://\(target.host.authority)"
            }
        return try url("\(root)/v2/\(target.path.isEmpty ? "" : "\(target.path)/")\(path)", target)
    }

    /// Asks a registry on this machine by plain http, which is usual there, when nothing is known of
    /// it yet: an answer saves the question which scheme it speaks. nil for none, and for what a
    /// server says that wants https.
    private func guessing(
        _ path: String,
        _ method: HTTPMethod,
        _ headers: HTTPHeaders,
        _ target: Target
    ) async throws -> Response? {
        let host = target.host
        let possible = host.schemes(configuration.settings)
        guard target.mirror == nil, possible == ["http", "https"], !target.path.isEmpty,
            schemes.withLock({ $0[host] }) == nil
        else { return nil }
        let url = try url("http://\(host.authority)/v2/\(target.path)/\(path)", target)
        do {
            let answer = try await authorized(url, method, headers, nil, target)
            guard answer.status != 400 else { return nil }
            schemes.withLock { $0[host] = "http" }
            return answer
        } catch is Transport.Fault {
            return nil
        }
    }

    private func url(_ text: String, _ target: Target) throws -> URL {
        guard let url = URL(string: text) else {
            throw target.error(.malformed("\(target.host.authority) is not an address"))
        }
        return url
    }

    func scheme(_ target: Target) async throws -> String {
        let host = target.host
        let possible = host.schemes(configuration.settings)
        if possible.count == 1 { return possible[0] }
        if let known = schemes.withLock({ $0[host] }) { return known }
        let first = possible[0]
        let answers = try await speaks(
            first,
            try url("\(first)://\(host.authority)/v2/", target),
            target
        )
        let scheme = answers ? first : possible[1]
        schemes.withLock { $0[host] = scheme }
        return scheme
    }

    /// Whether a server answers a scheme. One that speaks TLS breaks off when it is asked without,
    /// or says that it wants https; one that does not speak it makes no sense of the greeting.
    private func speaks(_ scheme: String, _ url: URL, _ target: Target) async throws -> Bool {
        do {
            let answer = try await transport.get(url, authorization: nil, target: target)
            guard scheme == "http", answer.status == 400 else { return true }
            let text = try await answer.body(limit: 1 << 16, target: target)
            return !String(decoding: text, as: UTF8.self).contains("HTTPS")
        } catch let fault as Transport.Fault {
            switch fault.kind {
            case .broken, .foreign, .plain: return false
            case .untrusted: return true
            // On another machine http has a port of its own; here it would be the same one.
            case .refused, .timedOut:
                guard scheme == "https" else { throw fault }
                return false
            }
        }
    }
}

extension Transport.Fault {
    /// Whether asking again at once could help.
    var mayPass: Bool { kind == .timedOut || kind == .broken }

    var cause: RegistryError.Cause {
        switch kind {
        case .refused, .foreign: .unreachable(reason)
        case .untrusted: .untrusted(reason)
        case .plain: .plain
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
