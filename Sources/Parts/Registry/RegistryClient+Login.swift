import FoundationEssentials
import Logging
import NIOHTTP1

extension RegistryClient {
    /// Tries credentials out at a registry and gives what is to be kept: the same, or an identity
    /// token that the registry's token server gave for them.
    ///
    /// A registry that wants none accepts all, as docker does.
    package func logIn(
        to host: RegistryHost,
        with credentials: Credentials
    ) async throws -> Credentials {
        let target = Target(host, .login)
        let url: URL
        do {
            url = try await address("", target)
        } catch let fault as Transport.Fault {
            throw target.error(fault.cause)
        }
        let first = try await retrying(target) {
            try await transport.get(url, authorization: nil, target: target)
        }
        guard first.status == 401 else {
            try await expectSuccess(first, target)
            return credentials
        }
        guard let origin = Origin(url) else { throw target.error(.malformed("no address")) }
        var identityToken: String?
        let second = try await retrying(target) {
            let answer = try await authenticator.answer(
                first.headers["WWW-Authenticate"],
                with: credentials,
                origin: origin,
                target: target,
                transport: transport
            )
            guard let answer else { throw target.error(.realm("it offers no way to log in")) }
            identityToken = answer.identityToken
            return try await transport.get(
                url,
                authorization: answer.authorization,
                target: target
            )
        }
        // What registries say here ("authentication required") is not what is wrong.
        if second.status == 401 || second.status == 403 { throw target.error(.unauthorized(nil)) }
        try await expectSuccess(second, target)
        return identityToken.map { .identityToken($0) } ?? credentials
    }
}
