import DockerViews
import Engine

extension ListedNetwork {
    /// Every network, by name; those that are always there also where nothing was ever done.
    static func all(in session: Session?) async throws -> [ListedNetwork] {
        all(try await session?.engine.networks() ?? [])
    }

    /// The network that a user means: by identifier, by name, or by the start of an identifier that no
    /// other has.
    static func matching(_ text: String, in session: Session?) async throws -> ListedNetwork {
        let networks = try await all(in: session)
        if let whole = networks.first(where: { $0.id == text }) { return whole }
        if let named = networks.first(where: { $0.name == text }) { return named }
        let found = text.isEmpty ? [] : networks.filter { $0.id.hasPrefix(text) }
        guard let first = found.first else {
            throw EngineError(.notFound, "", because: "network \(text) not found")
        }
        guard found.count == 1 else {
            throw EngineError(
                .conflict,
                "",
                because: "network \(text) is ambiguous (\(found.count) matches found based on ID "
                    + "prefix)"
            )
        }
        return first
    }
}
