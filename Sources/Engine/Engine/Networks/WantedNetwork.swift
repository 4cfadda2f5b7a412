import Addresses
import ContainerNetwork
import GRDB

/// A network that is asked for, checked before any transaction.
struct WantedNetwork: Sendable {
    private let request: NetworkRequest
    private let driver: NetworkDriverName
    let attempt: String
    private let subnet: IPv4Subnet?
    private let gateway: IPv4Address?
    private let range: IPv4Subnet?
    private var details = NetworkDetails()

    init(_ request: NetworkRequest) throws {
        try Engine.checkName(request.name, of: "network")
        let attempt = "cannot create network `\(request.name)`"
        guard let driver = NetworkDriverName(rawValue: request.driver) else {
            let known = NetworkDriverName.allCases.map { "`\($0.rawValue)`" }
            throw EngineError(
                .invalid,
                attempt,
                because: "there is no driver `\(request.driver)`",
                remedy: "use \(known.joined(separator: " or "))"
            )
        }
        self.driver = driver
        self.request = request
        self.attempt = attempt
        func read<T>(_ text: String?, _ noun: String, _ make: (String) -> T?) throws -> T? {
            guard let text else { return nil }
            guard let value = make(text) else {
                throw EngineError(.invalid, attempt, because: "`\(text)` is no \(noun)")
            }
            return value
        }
        subnet = try read(request.subnet, "IPv4 subnet") { IPv4Subnet($0) }
        gateway = try read(request.gateway, "IPv4 address") { IPv4Address($0) }
        range = try read(request.ipRange, "IPv4 subnet") { IPv4Subnet($0) }
        if !request.driverOptions.isEmpty {
            do { _ = try BridgeOptions(request.driverOptions) } catch {
                throw EngineError(.invalid, attempt, because: "\(error)")
            }
            details.driverOptions = request.driverOptions
        }
        for (name, text) in request.auxAddresses {
            guard let address = try read(text, "IPv4 address", { IPv4Address($0) }),
                let subnet, subnet.contains(address)
            else {
                throw EngineError(
                    .invalid,
                    attempt,
                    because: "no subnet has the address `\(text)` of `\(name)`"
                )
            }
            details.auxAddresses = (details.auxAddresses ?? [:]).merging([name: address]) { $1 }
        }
        guard subnet != nil || (gateway == nil && range == nil) else {
            throw EngineError(
                .invalid,
                attempt,
                because: "a gateway or address range needs a subnet"
            )
        }
    }

    /// Writes it down, unless its name is taken or it overlaps another network or a route.
    func insert(hostRoutes: [IPv4Subnet], _ db: Database) throws -> NetworkRecord {
        guard try NetworkRecord.named(request.name, db) == nil else {
            throw EngineError(
                .conflict,
                attempt,
                because: "a network of that name exists",
                remedy: "give this one another name, or take down the project that has it"
            )
        }
        let others = try db.rows("SELECT * FROM networks").map(NetworkRecord.init(row:))
        let record = try record(others: others, hostRoutes: hostRoutes)
        try record.insert(db)
        try EventRecord.note(
            .network,
            "create",
            subject: record.id.text,
            name: record.name,
            project: record.project,
            db
        )
        return record
    }

    private func record(
        others: [NetworkRecord],
        hostRoutes: [IPv4Subnet]
    ) throws -> NetworkRecord {
        do {
            let chosen: IPv4Subnet
            if let subnet {
                try AddressPool.checkSubnet(
                    subnet,
                    taken: others.map { ($0.name, $0.subnet) },
                    hostRoutes: hostRoutes
                )
                chosen = subnet
            } else {
                chosen = try AddressPool.freeSubnet(
                    taken: others.map(\.subnet),
                    hostRoutes: hostRoutes
                )
            }
            var record = NetworkRecord(
                id: .random(),
                name: request.name,
                subnet: chosen,
                gateway: try AddressPool.gateway(
                    of: chosen,
                    range: range,
                    requested: gateway
                ),
                createdAt: .now()
            )
            record.project = request.project
            record.key = request.key
            record.driver = driver
            record.isInternal = request.isInternal
            record.ipRange = range
            record.labels = request.labels
            record.details = details
            try NetworkKernel.validate(record.configuration)
            return record
        } catch {
            throw EngineError(.conflict, attempt, because: "\(error)")
        }
    }
}
