import Addresses
import ContainerNetwork
import GRDB
import SystemPackage

/// A network that is asked for, checked before any transaction.
struct WantedNetwork: Sendable {
    private let request: NetworkRequest
    private let driver: NetworkDriverName
    let attempt: String
    private let ipv4: WantedBlock<IPv4Address>?
    private let ipv6: WantedBlock<IPv6Address>?
    /// Families of which it will have addresses.
    var families: Set<IPFamily> {
        Set((ipv4 == nil ? [] : [.v4]) + (ipv6 == nil ? [] : [.v6]))
    }
    private var details = NetworkDetails()
    /// Whether a family of them comes from the pools.
    var asksForAddresses: Bool {
        ipv4.map { !$0.hasSubnet } ?? false || ipv6.map { !$0.hasSubnet } ?? false
    }

    init(_ request: NetworkRequest) throws {
        try Engine.checkNetworkName(request.name)
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
        guard request.enablesIPv4 || request.enablesIPv6 else {
            throw EngineError(.invalid, attempt, because: "IPv4 or IPv6 must be enabled")
        }
        ipv4 = request.enablesIPv4 ? try WantedBlock(request, for: attempt) : nil
        ipv6 = request.enablesIPv6 ? try WantedBlock(request, for: attempt) : nil
        if request.enablesIPv6, !KernelIPv6.isPresent {
            throw EngineError(
                .invalid,
                attempt,
                because: "this kernel has no IPv6",
                remedy: "leave out enable_ipv6, or start the kernel without ipv6.disable=1"
            )
        }
        if let pool = request.pools.first(where: { IPSubnet($0.subnet) == nil }) {
            throw EngineError(.invalid, attempt, because: "`\(pool.subnet)` is no subnet")
        }
        if request.isAttachable { details.isAttachable = true }
        guard !request.driverOptions.isEmpty else { return }
        do {
            let parent = try ParentOptions(request.driverOptions, of: driver)
            if parent == nil {
                let options = try BridgeOptions(request.driverOptions)
                guard options.isolated.isEmpty || request.isInternal else {
                    throw NetworkError(
                        action: "use gateway mode isolated",
                        reason: "gateway mode 'isolated' can only be used for an internal network"
                    )
                }
            }
        } catch {
            throw EngineError(.invalid, attempt, because: "\(error)")
        }
        details.driverOptions = request.driverOptions
    }

    /// Writes it down, unless its name is taken or it overlaps another network or a route.
    func insert(
        hostRoutes: [IPSubnet],
        pools: AddressPools,
        stateFolder: String,
        _ db: Database
    ) throws -> NetworkRecord {
        guard try NetworkRecord.named(request.name, db) == nil else {
            throw EngineError(
                .conflict,
                attempt,
                because: "a network of that name exists",
                remedy: "give this one another name, or take down the project that has it"
            )
        }
        let others = try db.rows("SELECT * FROM networks").map(NetworkRecord.init(row:))
        let record = try record(
            others: others,
            hostRoutes: hostRoutes,
            pools: pools,
            stateFolder: stateFolder
        )
        try record.insert(db)
        try EventRecord.note(
            .network,
            "create",
            subject: record.id.text,
            name: record.name,
            project: record.project,
            attributes: ["type": record.driver.rawValue],
            db
        )
        return record
    }

    private func record(
        others: [NetworkRecord],
        hostRoutes: [IPSubnet],
        pools: AddressPools,
        stateFolder: String
    ) throws -> NetworkRecord {
        // On a link of the host the network is the one that the host is on, too.
        let isBridge = driver == .bridge
        do {
            var record = NetworkRecord(
                id: .random(),
                name: request.name,
                ipv4: try ipv4?.block(
                    taken: others.compactMap { other in
                        other.ipv4.map { (other.name, $0.subnet) }
                    },
                    hostRoutes: hostRoutes.compactMap(\.ipv4),
                    mayOverlapRoutes: !isBridge
                ) { taken, routes in
                    try pools.ipv4.isEmpty
                        ? AddressPool.freeSubnet(taken: taken, hostRoutes: routes)
                        : AddressPool.freeSubnet(in: pools.ipv4, taken: taken, hostRoutes: routes)
                },
                ipv6: try ipv6?.block(
                    taken: others.compactMap { other in
                        other.ipv6.map { (other.name, $0.subnet) }
                    },
                    hostRoutes: hostRoutes.compactMap(\.ipv6),
                    mayOverlapRoutes: !isBridge
                ) { taken, routes in
                    if !pools.ipv6.isEmpty {
                        return try AddressPool.freeSubnet(
                            in: pools.ipv6,
                            taken: taken,
                            hostRoutes: routes
                        )
                    }
                    return try AddressPool.freeSubnet(
                        of: AddressPool.uniqueLocal(
                            machine: HostFiles.contents("/etc/machine-id"),
                            stateFolder: stateFolder
                        ),
                        taken: taken,
                        hostRoutes: routes
                    )
                },
                createdAt: .now()
            )
            record.project = request.project
            record.key = request.key
            record.driver = driver
            record.isInternal = request.isInternal
            record.labels = request.labels
            record.details = details
            try NetworkKernel.validate(record.configuration)
            try Self.checkParent(of: record, others: others)
            return record
        } catch {
            throw EngineError(.conflict, attempt, because: "\(error)")
        }
    }

    /// A link that one container takes over is no other network's.
    private static func checkParent(
        of record: NetworkRecord,
        others: [NetworkRecord]
    ) throws {
        guard let own = record.configuration.parentOptions, let parent = own.parent else { return }
        let other = others.first { other in
            guard let options = other.configuration.parentOptions, options.parent == parent else {
                return false
            }
            return options.takesParentOver || own.takesParentOver
        }
        guard let other else { return }
        throw NetworkError(
            action: "use the mode passthru",
            reason: "macvlan network \(other.name) is already using parent interface \(parent)"
        )
    }
}

/// The addresses of one family that are asked for.
private struct WantedBlock<Address: AddressNumber>: Sendable {
    private var subnet: Subnet<Address>?
    private var gateway: Address?
    private var range: Subnet<Address>?
    private var reserved: [String: Address] = [:]
    /// Whether it is asked for by its subnet.
    var hasSubnet: Bool { subnet != nil }

    init(_ request: NetworkRequest, for attempt: String) throws {
        func read<T>(_ text: String?, _ noun: String, _ make: (String) -> T?) throws -> T? {
            guard let text else { return nil }
            guard let value = make(text) else {
                throw EngineError(
                    .invalid,
                    attempt,
                    because: "`\(text)` is no \(Address.family) \(noun)"
                )
            }
            return value
        }
        let pools = request.pools.filter { Subnet<Address>($0.subnet) != nil }
        guard pools.count < 2 else {
            throw EngineError(
                .invalid,
                attempt,
                because: "a network has one subnet of a family, and \(pools[0].subnet) and "
                    + "\(pools[1].subnet) are asked for"
            )
        }
        guard let pool = pools.first else { return }
        let subnet = try read(pool.subnet, "subnet") { Subnet<Address>($0) }
        if let subnet, Address(String(pool.subnet.prefix { $0 != "/" })) != subnet.base {
            throw EngineError(
                .invalid,
                attempt,
                because: "invalid subnet \(pool.subnet): it should be \(subnet)"
            )
        }
        gateway = try read(pool.gateway, "address") { Address($0) }
        range = try read(pool.ipRange, "subnet") { Subnet<Address>($0) }
        for (name, text) in pool.auxAddresses {
            guard let address = try read(text, "address", { Address($0) }),
                subnet?.contains(address) == true
            else {
                throw EngineError(
                    .invalid,
                    attempt,
                    because: "no subnet has the address `\(text)` of `\(name)`"
                )
            }
            reserved[name] = address
        }
        self.subnet = subnet
    }

    /// With the subnet that is asked for, or a free one.
    func block(
        taken: [(name: String, subnet: Subnet<Address>)],
        hostRoutes: [Subnet<Address>],
        mayOverlapRoutes: Bool,
        free: ([Subnet<Address>], [Subnet<Address>]) throws -> Subnet<Address>
    ) throws -> AddressBlock<Address> {
        let chosen: Subnet<Address>
        if let subnet {
            try AddressPool.checkSubnet(
                subnet,
                taken: taken,
                hostRoutes: mayOverlapRoutes ? [] : hostRoutes
            )
            chosen = subnet
        } else {
            chosen = try free(taken.map(\.subnet), hostRoutes)
        }
        let gateway = try AddressPool.gateway(of: chosen, range: range, requested: gateway)
        if let name = reserved.filter({ $0.value == gateway }).keys.sorted().first {
            throw EngineError(
                .invalid,
                "failed to allocate secondary ip address (\(name):\(gateway))",
                because: "Address already in use"
            )
        }
        do throws(AddressError) {
            _ = try AddressPool.freeAddress(
                in: chosen,
                range: range,
                gateway: gateway,
                used: Set(reserved.values)
            )
        } catch {
            if case .subnetFull(let full) = error { throw AddressError.noRoom(full) }
            throw error
        }
        var block = AddressBlock(chosen, gateway: gateway)
        block.range = range
        block.reserved = reserved.isEmpty ? nil : reserved
        return block
    }
}
