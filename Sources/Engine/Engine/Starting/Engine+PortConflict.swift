import Addresses
import ContainerNetwork
package import ContainerRuntime
import GRDB
import Glibc

extension Engine {
    /// The failure to take a port, with the container of ours that has it and what ends that; as it
    /// is when none has.
    func named(_ failure: NetworkError, holderOf port: PortBinding) async throws -> NetworkError {
        guard failure.errno == EADDRINUSE, port.hostPort ?? 0 != 0 else { return failure }
        let owner = try await store.read { db in
            try db.rows(
                "SELECT name, project, service, published FROM containers WHERE published <> '[]'"
            ).first { row in
                try row.json("published", as: [PortBinding].self).contains(where: port.excludes)
            }.map(ContainerHolder.init(row:))
        }
        guard let owner else { return failure }
        var failure = failure
        failure.reason = "address already in use by \(owner.words)"
        failure.hint =
            "\([owner].commands("stop") ?? "its end") frees it, or publish another port"
        return failure
    }
}

extension Engine {
    /// Why a port of the host cannot be published now, with who has it; nil where it can. Takes the port
    /// for a moment to find out.
    package func obstacle(to port: PortBinding) async -> String? {
        guard let address = IPAddress(port.hostAddress), let number = port.hostPort else {
            return nil
        }
        let transport = TransportProtocol(rawValue: port.transport.rawValue) ?? .tcp
        do throws(NetworkError) {
            _ = try await kernel.holdPort(address, number, transport)
            return nil
        } catch {
            // `try?`: without the records nobody says whose it is.
            return "\((try? await named(error, holderOf: port)) ?? error)"
        }
    }
}

extension NetworkError {
    /// The failure to take a port that the same container has for another one of its own; as it is where
    /// that is not why.
    func naming(_ other: PortBinding) -> NetworkError {
        guard errno == EADDRINUSE else { return self }
        var failure = self
        failure.reason = "the container has its port \(other.containerPort) there already"
        failure.hint = "publish one of the two at another port"
        return failure
    }
}

extension PortBinding {
    /// Whether not both can be had at the same time.
    func excludes(_ other: PortBinding) -> Bool {
        guard hostPort == other.hostPort, transport == other.transport,
            let own = IPAddress(hostAddress), let others = IPAddress(other.hostAddress)
        else { return false }
        // Without an address it is published at those of both families.
        if own == .v4(.any), isIPv4Alone != true { return true }
        return own == others || own.family == others.family && (own.isAny || others.isAny)
    }
}
