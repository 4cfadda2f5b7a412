import FoundationEssentials

/// Where tokens may be asked for, and who may see credentials. A registry names its token server
/// (`realm`) itself; a malicious one would name somebody else's.
struct RealmPolicy: Sendable {
    let settings: RegistrySettings

    /// The realm of a challenge, or why it is refused.
    ///
    /// It is https; http if registry and realm both may be insecure; on this machine only if the
    /// registry is.
    func check(_ realm: String, registry: Origin) -> Result<URL, Refusal> {
        guard let url = URL(string: realm), let origin = Origin(url) else {
            return .failure(Refusal(reason: "\"\(Self.printable(realm))\" is not an https address"))
        }
        guard url.user() == nil, url.password() == nil else {
            return .failure(Refusal(reason: "the address of the token server carries a password"))
        }
        if origin.isLoopback, !registry.isLoopback {
            return .failure(Refusal(reason: "\(origin.host) is this machine"))
        }
        let isOpen =
            settings.isInsecure(origin.authority) && settings.isInsecure(registry.authority)
        guard origin.scheme == "https" || isOpen else {
            return .failure(Refusal(reason: "\(origin.host) is not spoken to by https"))
        }
        if registry.scheme == "https", origin.scheme == "http" {
            return .failure(
                Refusal(reason: "\(origin.host) is spoken to by http, the registry by https")
            )
        }
        return .success(url)
    }

    struct Refusal: Error { var reason: String }

    /// Whether a registry's credentials may go to a realm: the same host, one of the same domain
    /// (`registry.example.com`, `auth.example.com`), or one that the settings name. Without them a
    /// token is asked for too.
    func mayHaveCredentials(_ realm: Origin, of registry: Origin, named name: String) -> Bool {
        if realm.host == registry.host { return true }
        if realm.isLoopback && registry.isLoopback { return true }
        let named = (settings.tokenServers[name] ?? []).compactMap { Authority($0) }
        if named.contains(where: { $0 == realm.authority }) { return true }
        guard let left = Self.domain(of: realm.host), let right = Self.domain(of: registry.host)
        else { return false }
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

    /// What a server says, fit for a terminal.
    private static func printable(_ text: String) -> String {
        String(text.prefix(200).filter { $0.isASCII && $0 >= " " && $0 != "\u{7f}" })
    }
}
