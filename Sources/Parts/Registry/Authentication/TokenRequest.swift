import FoundationEssentials
import NIOHTTP1

/// What is asked of a token server: a token for a registry, with some scopes, on somebody's behalf.
struct TokenRequest: Sendable {
    var realm: URL
    /// The registry by the name that its challenge gives it.
    var service: String?
    /// `repository:library/redis:pull`.
    var scopes: [String]
    var credentials: Credentials?
    /// Whether a long-lived identity token is wished for, too.
    var wantsIdentityToken = false

    private static let client = "berth"

    /// Sends it. With an identity token it is a form that is posted, otherwise a query.
    func send(through transport: Transport, target: Target) async throws -> Response {
        if case .identityToken(let token) = credentials {
            return try await transport.get(
                realm,
                method: .POST,
                headers: ["Content-Type": "application/x-www-form-urlencoded"],
                body: RequestBody(Array(form(token).utf8)),
                authorization: nil,
                keepsToOrigin: true,
                target: target
            )
        }
        return try await transport.get(
            realm.appending(queryItems: query.map { URLQueryItem(name: $0.0, value: $0.1) }),
            authorization: credentials?.basic,
            target: target
        )
    }

    private var query: [(String, String)] {
        var items: [(String, String)] = service.map { [("service", $0)] } ?? []
        items += scopes.map { ("scope", $0) }
        if let username = credentials?.username { items.append(("account", username)) }
        items.append(("client_id", Self.client))
        if wantsIdentityToken { items.append(("offline_token", "true")) }
        return items
    }

    private func form(_ token: String) -> String {
        var items = [("grant_type", "refresh_token"), ("refresh_token", token)]
        if let service { items.append(("service", service)) }
        if !scopes.isEmpty { items.append(("scope", scopes.joined(separator: " "))) }
        items.append(("client_id", Self.client))
        return items.map { "\($0.0)=\(Self.encoded($0.1))" }.joined(separator: "&")
    }

    /// Percent-encodes all but the unreserved characters of RFC 3986.
    private static func encoded(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                out += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return out
    }
}

extension Credentials {
    /// RFC 7617; nil for tokens.
    var basic: String? {
        guard case .password(let username, let password) = self else { return nil }
        return "Basic \(Data("\(username):\(password)".utf8).base64EncodedString())"
    }
}
