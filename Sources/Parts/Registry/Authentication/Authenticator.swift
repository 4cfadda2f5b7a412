import FoundationEssentials
import Logging

/// Answers the challenges of registries. distribution/distribution, spec/auth/token.md.
struct Authenticator: Sendable {
    private let cache = TokenCache()
    private let credentials: @Sendable (RegistryHost) async throws -> Credentials?
    private let settings: RegistrySettings
    private let logger: Logger

    /// Largest answer of a token server.
    static let tokenLimit = 1 << 20

    init(
        credentials: @escaping @Sendable (RegistryHost) async throws -> Credentials?,
        settings: RegistrySettings,
        logger: Logger
    ) {
        self.credentials = credentials
        self.settings = settings
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
        let found = try await credentials(target.host)
        if case .registryToken(let token) = found, settings.mayHaveSecrets(key.origin) {
            return "Bearer \(token)"
        }
        let challenges = Challenge.parse(headers)
        if let bearer = challenges.first(where: { $0.scheme == "bearer" }) {
            let answer = try await token(bearer, found, for: key, target, transport)
            guard let answer else { return nil }
            cache.store(answer.authorization, for: key, lasting: answer.lifetime)
            return answer.authorization
        }
        guard challenges.contains(where: { $0.scheme == "basic" }),
            settings.mayHaveSecrets(key.origin), let value = found?.basic
        else { return nil }
        cache.store(value, for: key, lasting: .seconds(3600))
        return value
    }

    /// Tries credentials out on a challenge: what to send to the registry, and the identity token
    /// that came with it; nil when no credentials are known for the challenge.
    func answer(
        _ headers: [String],
        with credentials: Credentials,
        origin: Origin,
        target: Target,
        transport: Transport
    ) async throws -> (authorization: String, identityToken: String?)? {
        guard settings.mayHaveSecrets(origin) else { return nil }
        if case .registryToken(let token) = credentials { return ("Bearer \(token)", nil) }
        let challenges = Challenge.parse(headers)
        if let bearer = challenges.first(where: { $0.scheme == "bearer" }) {
            let key = TokenCache.Key(origin: origin, scope: target.scope)
            let answer = try await token(bearer, credentials, for: key, target, transport)
            return answer.map { ($0.authorization, $0.identityToken) }
        }
        guard challenges.contains(where: { $0.scheme == "basic" }), let value = credentials.basic
        else { return nil }
        return (value, nil)
    }

    private func token(
        _ challenge: Challenge,
        _ found: Credentials?,
        for key: TokenCache.Key,
        _ target: Target,
        _ transport: Transport
    ) async throws -> TokenAnswer? {
        guard let written = challenge.parameters["realm"] else { return nil }
        let policy = RealmPolicy(settings: settings)
        let realm: URL
        switch policy.check(written, registry: key.origin) {
        case .success(let url): realm = url
        case .failure(let refusal): throw target.error(.realm(refusal.reason))
        }
        guard let origin = Origin(realm) else { return nil }
        var request = TokenRequest(
            realm: realm,
            service: challenge.parameters["service"],
            scopes: key.scope.split(separator: " ").map(String.init)
        )
        if let found {
            if policy.mayHaveCredentials(origin, of: key.origin, named: target.host.name) {
                request.credentials = found
                request.wantsIdentityToken = target.access == .login
            } else {
                logger.warning(
                    "the registry's token server is of another domain; it gets no credentials unless token-servers in registries.json allows it",
                    metadata: ["registry": "\(target.host.name)", "realm": "\(origin.host)"]
                )
                if target.access == .login {
                    throw target.error(.realm("\(origin.host) is of another domain"))
                }
            }
        }
        let response = try await request.send(through: transport, target: target)
        guard response.status == 200 else {
            if Transport.Busy.statuses.contains(response.status) {
                throw Transport.Busy(response)
            }
            let words = await response.registryMessage()
            throw target.error(
                [400, 401, 403].contains(response.status)
                    ? .unauthorized(words) : .status(response.status, words ?? "its token server")
            )
        }
        let bytes = try await response.body(limit: Self.tokenLimit, target: target)
        guard let answer = TokenAnswer(bytes) else {
            throw target.error(.malformed("the token server gives no token"))
        }
        return answer
    }
}
