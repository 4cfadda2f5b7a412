import Addresses
import ContainerRuntime
import GRDB

/// What a container on docker's default network is told of those that it links to: where they are,
/// which ports they name, and their own variables. Docker's legacy links, `docker run --link`.
struct LinkVariables {
    /// `NAME=value`, in docker's order.
    private(set) var texts: [String] = []

    /// Of a container that is about to start there; only of those that run.
    init(
        of record: ContainerRecord,
        _ spec: ContainerSpec,
        on network: NetworkRecord,
        _ db: Database
    ) throws {
        for link in spec.links ?? [] {
            guard case .container(let name) = link.target,
                let other = try Self.container(named: name, db), other.status == .running,
                let place = try EndpointRecord.of(other.id, db).first(where: {
                    $0.network == network.id
                }),
                let address = place.addresses.first
            else { continue }
            add(link.alias, of: other, at: "\(address)", for: record.name)
        }
    }

    private static func container(named name: String, _ db: Database) throws -> ContainerRecord? {
        try db.row("SELECT * FROM containers WHERE name = ? AND NOT isRemoving", [name])
            .map(ContainerRecord.init(row:))
    }

    private mutating func add(
        _ alias: String,
        of other: ContainerRecord,
        at address: String,
        for name: String
    ) {
        // `try?`: a spec that cannot be read says nothing of ports and variables.
        guard let spec = try? other.spec else { return }
        let prefix = alias.uppercased().replacing("-", with: "_")
        let ports = Self.ports(of: spec)
        func url(_ port: Port) -> String { "\(port.transport)://\(address):\(port.number)" }
        if let first = ports.first { texts.append("\(prefix)_PORT=\(url(first))") }
        for port in ports {
            let name = "\(prefix)_PORT_\(port.number)_\(port.transport.uppercased())"
            texts += [
                "\(name)=\(url(port))", "\(name)_ADDR=\(address)", "\(name)_PORT=\(port.number)",
                "\(name)_PROTO=\(port.transport)",
            ]
        }
        texts.append("\(prefix)_NAME=/\(name)/\(alias)")
        for variable in spec.process.environment
        where !variable.hasPrefix("HOME=") && !variable.hasPrefix("PATH=") {
            texts.append("\(prefix)_ENV_\(variable)")
        }
    }

    private struct Port: Hashable {
        var number: UInt16
        var transport: String
    }

    /// Those that it names or publishes, the lowest first, tcp before udp.
    private static func ports(of spec: ContainerSpec) -> [Port] {
        var ports: Set<Port> = []
        for exposed in spec.exposed ?? [] {
            for number in exposed.ports.first...exposed.ports.last {
                ports.insert(Port(number: number, transport: exposed.transport.rawValue))
            }
        }
        for port in spec.ports {
            ports.insert(Port(number: port.containerPort, transport: port.transport.rawValue))
        }
        return ports.sorted { ($0.number, $0.transport) < ($1.number, $1.transport) }
    }

    /// With what is said of the container itself, which wins.
    func before(_ own: [String]) -> [String] {
        let names = Set(own.map { $0.prefix { $0 != "=" } })
        return texts.filter { !names.contains($0.prefix { $0 != "=" }) } + own
    }
}
