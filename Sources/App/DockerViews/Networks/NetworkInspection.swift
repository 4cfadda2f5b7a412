import Addresses
import ContainerRuntime
package import Engine
package import GoTemplate

/// A network as docker's `inspect` shows it.
package struct NetworkInspection {
    private let network: NetworkRecord
    private let containers: [ObservedContainer]

    /// `containers` are those of the machine, as they are observed: those that run and have a place
    /// on the network are shown.
    package init(_ network: NetworkRecord, containers: [ObservedContainer]) {
        self.network = network
        self.containers = containers
    }

    /// The same of a network that is always there, of which docker knows little.
    package static func value(
        _ network: ListedNetwork,
        containers: [ObservedContainer]
    ) -> GoValue {
        switch network {
        case .own(let record): NetworkInspection(record, containers: containers).value
        case .predefined(let predefined):
            .object([
                ("Name", .string(predefined.rawValue)), ("Id", .string(predefined.id)),
                ("Created", .string("0001-01-01T00:00:00Z")), ("Scope", .string("local")),
                ("Driver", .string(predefined.driver)), ("EnableIPv4", .bool(true)),
                ("EnableIPv6", .bool(false)),
                (
                    "IPAM",
                    .object([
                        ("Driver", .string("default")), ("Options", .nothing(.map)),
                        ("Config", .nothing(.list)),
                    ])
                ), ("Internal", .bool(false)), ("Attachable", .bool(false)),
                ("Ingress", .bool(false)), ("ConfigFrom", .object([("Network", .string(""))])),
                ("ConfigOnly", .bool(false)), ("Containers", .strings([:])),
                ("Options", .strings([:])), ("Labels", .strings([:])),
            ])
        }
    }

    /// Members in docker's order.
    package var value: GoValue {
        .object([
            ("Name", .string(network.name)), ("Id", .string(network.id.text)),
            ("Created", .string(network.createdAt.description)), ("Scope", .string("local")),
            ("Driver", .string("\(network.driver)")), ("EnableIPv4", .bool(network.ipv4 != nil)),
            ("EnableIPv6", .bool(network.ipv6 != nil)),
            (
                "IPAM",
                .object([
                    ("Driver", .string("default")), ("Options", .nothing(.map)),
                    ("Config", .list(pools)),
                ])
            ), ("Internal", .bool(network.isInternal)),
            ("Attachable", .bool(network.details.isAttachable == true)),
            ("Ingress", .bool(false)), ("ConfigFrom", .object([("Network", .string(""))])),
            ("ConfigOnly", .bool(false)), ("Containers", .map(GoMap(places))),
            ("Options", .strings(network.details.driverOptions ?? [:])),
            ("Labels", .strings(network.labels)),
        ])
    }

    private var pools: [GoValue] {
        (network.ipv4.map { [Self.pool($0)] } ?? []) + (network.ipv6.map { [Self.pool($0)] } ?? [])
    }

    private static func pool<Address: AddressNumber>(_ block: AddressBlock<Address>) -> GoValue {
        let others =
            block.reserved.map {
                [("AuxiliaryAddresses", GoValue.strings($0.mapValues(\.description)))]
            } ?? []
        let range = block.range.map { [("IPRange", GoValue.string($0.description))] } ?? []
        return .object(
            [("Subnet", .string(block.subnet.description))] + range
                + [("Gateway", .string(block.gateway.description))] + others,
            unwritten: [("IPRange", .string("")), ("AuxiliaryAddresses", .nothing(.map))]
        )
    }

    private var places: [(key: String, value: GoValue)] {
        containers.filter { $0.record.status == .running }.flatMap { container in
            container.endpoints.filter { $0.network == network.id }.map { endpoint in
                (
                    container.record.id.text,
                    .object([
                        ("Name", .string(container.record.name)),
                        (
                            "EndpointID",
                            .string(
                                EndpointID.text(of: container.record.id, on: network.id.text)
                            )
                        ),
                        ("MacAddress", .string(endpoint.mac.description)),
                        (
                            "IPv4Address",
                            Self.place(endpoint.addresses.ipv4, network.ipv4)
                        ), ("IPv6Address", Self.place(endpoint.addresses.ipv6, network.ipv6)),
                    ])
                )
            }
        }
    }

    /// `10.0.0.2/24`.
    private static func place<Address: AddressNumber>(
        _ address: Address?,
        _ block: AddressBlock<Address>?
    ) -> GoValue {
        guard let address, let block else { return .string("") }
        return .string("\(address)/\(block.subnet.prefixLength)")
    }
}
