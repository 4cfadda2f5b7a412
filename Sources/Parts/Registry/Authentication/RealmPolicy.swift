import FoundationEssentials

/// Where tokens may be asked for, and who may see credentials. A registry names its token server
/// (`realm`) itself; a malicious one would name somebody else's.
enum RealmPolicy {
    /// The realm of a challenge, or why it is refused.
    ///
    /// It is https, or this machine's if the registry is this machine's.
    static func check(_ realm: String, registry: Origin) -> Result<URL, Refusal> {
        guard let url = URL(string: realm), let origin = Origin(url) else {
            return .failure(Refusal(reason: "\"\(realm)\" is not an https address"))
        }
        guard url.user() == nil, url.password() == nil else {
            return .failure(Refusal(reason: "the address of the token server carries a password"))
        }
        if origin.isLoopback, !registry.isLoopback {
            return .failure(Refusal(reason: "\(origin.host) is this machine"))
        }
        guard origin.isPrivate else {
            return .failure(Refusal(reason: "\(origin.host) is not spoken to by https"))
        }
        return .success(url)
    }

    struct Refusal: Error { var reason: String }

    /// Whether a registry's credentials may go to a realm: the same host, or one of the same
    /// domain (`registry.example.com`, `auth.example.com`). Without them a token is asked for too.
    static func mayHaveCredentials(_ realm: Origin, of registry: Origin) -> Bool {
        if realm.host == registry.host { return true }
        if realm.isLoopback && registry.isLoopback { return true }
        guard let left = domain(of: realm.host), let right = domain(of: registry.host) else {
            return false
        }
        return left == right
    }

    /// The last two labels, or three where the last two are a country's `co.uk`; nil for addresses.
    private static func domain(of host: String) -> String? {
        let labels = host.split(separator: ".")
        guard let last = labels.last, !last.allSatisfy(\.isNumber), !host.contains(":") else {
            return nil
        }
        let count =
            labels.count > 1 && last.count == 2 && labels[labels.count - 2].count <= 3 ? 3 : 2
        guard labels.count >= count else { return nil }
        return labels.suffix(count).joined(separator: ".")
    }
}
