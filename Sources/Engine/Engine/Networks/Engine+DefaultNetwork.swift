extension NetworkRecord {
    /// What docker calls the network of containers that ask for none.
    package static let nameOfDefault = "bridge"
    /// The subnet that docker gives it.
    private static let subnetOfDefault = "172.17.0.0/16"

    /// Whether it is the default network: it belongs to no project, and no names are served on it.
    package var isDefault: Bool { name == Self.nameOfDefault && project == nil }

    fileprivate static var defaultRequests: [NetworkRequest] {
        var usual = NetworkRequest(name: nameOfDefault)
        usual.pools = [.init(subnet: subnetOfDefault)]
        return [usual, NetworkRequest(name: nameOfDefault)]
    }
}

extension Engine {
    /// The default network, which is made when it is first used: with docker's subnet, or with the
    /// first free one of the pools where something else has that.
    @discardableResult
    package func defaultNetwork() async throws -> NetworkRecord {
        var failure: (any Error)?
        for request in NetworkRecord.defaultRequests {
            if let there = try await network(named: request.name) { return there }
            do { return try await createNetwork(request) } catch let error as EngineError
                where error.kind == .conflict
            {
                failure = failure ?? error
            }
        }
        // Somebody else may have been quicker.
        if let there = try await network(named: NetworkRecord.nameOfDefault) { return there }
        guard let failure else { preconditionFailure("there is more than one request") }
        throw failure
    }

    /// The network a user means: by name, by whole identifier, or by the start of one that no other
    /// has; nil where there is none.
    /// - Throws: `EngineError` when several identifiers start with it.
    package func network(matching text: String) async throws -> NetworkRecord? {
        if let named = try await network(named: text) { return named }
        guard !text.isEmpty, text.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
        let found = try await networks().filter { $0.id.text.hasPrefix(text) }
        guard found.count < 2 else {
            throw EngineError(
                .conflict,
                "",
                because: "network \(text) is ambiguous (\(found.count) matches found on name)"
            )
        }
        return found.first
    }
}
