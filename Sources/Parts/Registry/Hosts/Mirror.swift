import FoundationEssentials

/// A registry that has copies of another's images: its address, with a path before `/v2/` if it has
/// one.
package struct Mirror: Hashable, Sendable {
    /// `http` or `https`.
    package let scheme: String
    /// Host, and port if one is written.
    package let authority: String
    /// Without a slash at its end: `/proxy`, or nothing.
    package let path: String

    struct Invalid: Error, CustomStringConvertible { var description: String }

    /// Reads `https://mirror.example.com[/path]`.
    package init(_ text: String) throws {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(),
            let host = url.host(), !host.isEmpty
        else { throw Invalid(description: "\"\(text)\" is not a valid address") }
        guard scheme == "http" || scheme == "https" else {
            throw Invalid(description: "\"\(text)\": a mirror is an http or https address")
        }
        guard url.user() == nil, url.password() == nil else {
            throw Invalid(
                description: "the address of mirror \(host) carries a password; "
                    + "use `berth registry login \(host)`"
            )
        }
        guard url.query() == nil, url.fragment() == nil else {
            throw Invalid(description: "\"\(text)\": a mirror's address ends with its path")
        }
        self.scheme = scheme
        authority = Authority(host: host.lowercased(), port: url.port).text
        var path = url.path()
        while path.hasSuffix("/") { path.removeLast() }
        self.path = path
    }

    /// Where its API begins, without `/v2/`.
    var address: String { "\(scheme)://\(authority)\(path)" }
}
