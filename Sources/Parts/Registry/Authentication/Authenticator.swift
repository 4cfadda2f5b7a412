import FoundationEssentials
import Logging

/// Answers the challenges of registries. distribution/distribution, spec/auth/token.md.
struct Authenticator: Sendable {
    private let cache = TokenCache()
    private let credentials: @Sendable (RegistryHost) async throws -> Credentials?
    private let logger: Logger

    /// Largest answer of a token server.
    static let tokenLimit = 1 << 20

    init(
        credentials: @escaping @Sendable (RegistryHost) async throws -> Credentials?,
        logger: Logger
    ) {
        self.credentials = credentials
        self.logger = logger
    }

    /// What to send at once, from what was accepted before.
    func cached(for key: TokenCache.Key) -> String? { cache[key] }

    /// What to send after a 401 with these values of `WWW-Authenticate`; nil when there is nothing
    /// that could help. `transport` is for asking the token server.
    func answer(
        _ headers: [String],
        for key: TokenCache.Key,
        target: Target,
        transport: Transport
    ) async throws -> String? {
        cache.remove(key)
        let challenges = Challenge.parse(headers)
        if let bearer = challenges.first(where: { $0.scheme == "bearer" }) {
            return try await token(bearer, for: key, target: target, transport: transport)
        }
        guard challenges.contains(where: { $0.scheme == "basic" }), key.origin.isPrivate,
            let credentials = try await credentials(target.host)
        else { return nil }
        let value = credentials.basic
        cache.store(value, for: key, lasting: .seconds(3600))
        return value
    }

    private struct Answer: Decodable {
        var token: String?
        var access_token: String?
        var expires_in: Int?
    }

    private func token(
        _ challenge: Challenge,
        for key: TokenCache.Key,
        target: Target,
        transport: Transport
    ) async throws -> String? {
        guard let written = challenge.parameters["realm"] else { return nil }
        let realm: URL
        switch RealmPolicy.check(written, registry: key.origin) {
        case .success(let url): realm = url
        case .failure(let refusal): throw target.error(.realm(refusal.reason))
        }
        guard let origin = Origin(realm) else { return nil }
        var secret: String?
        if let credentials = try await credentials(target.host) {
            if RealmPolicy.mayHaveCredentials(origin, of: key.origin) {
                secret = credentials.basic
            } else {
                logger.warning(
                    "the registry's token server is of another domain; it gets no credentials",
                    metadata: ["registry": "\(target.host.name)", "realm": "\(origin.host)"]
                )
            }
        }
        var query = key.scope.split(separator: " ").map { ("scope", String($0)) }
        query.append(("client_id", "berth"))
        if let service = challenge.parameters["service"] {
            query.insert(("service", service), at: 0)
        }
        let url = realm.appending(
            queryItems: query.map { URLQueryItem(name: $0.0, value: $0.1) }
        )
        let response = try await transport.get(url, authorization: secret, target: target)
        guard response.status == 200 else {
            throw target.error(
                response.status == 401 || response.status == 403
                    ? .unauthorized(nil) : .status(response.status, "its token server")
            )
        }
        let bytes = try await response.body(limit: Self.tokenLimit, target: target)
        let answer: Answer
        do {
            answer = try JSONDecoder().decode(Answer.self, from: Data(bytes))
        } catch {
            throw target.error(.malformed("the token server's answer is not JSON"))
        }
        guard let token = answer.token ?? answer.access_token, !token.isEmpty,
            token.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { throw target.error(.malformed("the token server gives no token")) }
        // Sixty seconds when nothing is said, and renewed a little early.
        let seconds = min(max(answer.expires_in ?? 60, 60), 86_400)
        let value = "Bearer \(token)"
        cache.store(value, for: key, lasting: .seconds(seconds - 10))
        return value
    }
}

extension Credentials {
    /// RFC 7617.
    fileprivate var basic: String {
        "Basic \(Data("\(username):\(password)".utf8).base64EncodedString())"
    }
}
