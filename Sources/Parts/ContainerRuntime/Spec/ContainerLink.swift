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

    package var target: Target
    package var alias: String

    package init(_ target: Target, alias: String) {
        self.target = target
        self.alias = alias
    }
}
