import Addresses

/// An entry of `insecure-registries`: registries that may have any certificate, or none and speak
/// plain http.
package enum InsecureRule: Hashable, Sendable {
    /// A host, with its port if it has one.
    case host(String)
    /// Registries named by an address of this network.
    case network(String)

    struct Invalid: Error, CustomStringConvertible { var description: String }

    /// Reads `registry.local:5000` or `10.0.0.0/8`; a scheme before it is dropped, as docker does.
    package init(_ text: String) throws {
        if IPSubnet(text) != nil {
            self = .network(text)
            return
        }
        var host = text[...]
        for scheme in ["http://", "https://"] where host.hasPrefix(scheme) {
            host = host.dropFirst(scheme.count)
        }
        guard let authority = Authority(host) else {
            throw Invalid(
                description: "\"\(text)\" is neither host[:port] nor a network like 10.0.0.0/8"
            )
        }
        self = .host(authority.text)
    }

    func covers(_ authority: Authority) -> Bool {
        switch self {
        case .host(let text):
            guard let rule = Authority(text) else { return false }
            return rule == authority
                || (rule.port == nil && authority.port == 443
                    && rule.host == authority.host)
        case .network(let text):
            guard let network = IPSubnet(text), let address = IPAddress(host: authority.host) else {
                return false
            }
            return network.contains(address)
        }
    }
}
