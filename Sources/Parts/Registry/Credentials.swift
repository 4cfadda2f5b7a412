/// A name and a password or token, for one registry.
package struct Credentials: Hashable, Sendable {
    package var username: String
    package var password: String

    package init(username: String, password: String) {
        self.username = username
        self.password = password
    }
}

extension Credentials: CustomStringConvertible {
    /// Never the password.
    package var description: String { "credentials of \(username)" }
}
