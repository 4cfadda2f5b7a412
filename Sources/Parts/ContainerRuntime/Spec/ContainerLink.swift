/// Another container by a name that only this one knows it by. compose-spec `links`, `external_links`.
package struct ContainerLink: Hashable, Codable, Sendable {
    /// Who is meant.
    package enum Target: Hashable, Codable, Sendable {
        /// The containers of a service of the same project.
        case service(String)
        case container(String)

        /// Of the service or container.
        package var name: String {
            switch self {
            case .service(let name), .container(let name): name
            }
        }
    }

    /// Who is meant.
    package var target: Target
    /// The name that it has for the one who links.
    package var alias: String

    /// Takes both as they were asked for.
    package init(_ target: Target, alias: String) {
        self.target = target
        self.alias = alias
    }
}
