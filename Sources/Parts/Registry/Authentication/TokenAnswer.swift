import FoundationEssentials

/// What a token server gives. distribution/distribution, spec/auth/token.md and oauth.md.
struct TokenAnswer: Decodable {
    /// The same thing by its older and its newer name.
    private var token: String?
    private var access_token: String?
    private var expires_in: Int?
    private var refresh_token: String?

    /// Reads an answer; nil when it is not JSON, or has no token that could stand in a header.
    init?(_ bytes: [UInt8]) {
        // It is not a token; its content may be secret and stays out of messages.
        guard let answer = try? JSONDecoder().decode(Self.self, from: Data(bytes)),
            let token = answer.token ?? answer.access_token, Self.isHeaderSafe(token)
        else { return nil }
        self = answer
    }

    private static func isHeaderSafe(_ token: String) -> Bool {
        !token.isEmpty && token.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }

    var authorization: String { "Bearer \(token ?? access_token ?? "")" }

    /// Sixty seconds when nothing is said, and renewed a little early.
    var lifetime: Duration { .seconds(min(max(expires_in ?? 60, 60), 86_400) - 10) }

    /// A long-lived word that can be exchanged for further tokens.
    var identityToken: String? { refresh_token.flatMap { $0.isEmpty ? nil : $0 } }
}
