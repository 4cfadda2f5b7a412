import Addresses
import ArgumentParser
import DockerViews
import Engine

/// Which addresses a network has, as docker's flags say it: what belongs to a subnet is found by it.
struct AddressPoolFlags: ParsableArguments {
    @Option(
        name: .customLong("aux-address"),
        parsing: .singleValue,
        help: ArgumentHelp("An address that no container gets.", valueName: "name=address")
    )
    var auxAddress: [String] = []

    @Option(parsing: .singleValue, help: "The host's address in a subnet.")
    var gateway: [String] = []

    @Option(
        name: .customLong("ip-range"),
        parsing: .singleValue,
        help: ArgumentHelp("Where in a subnet addresses are taken from.", valueName: "cidr")
    )
    var ipRange: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Its addresses, one of each family; the next free ones without it.",
            valueName: "cidr"
        )
    )
    var subnet: [String] = []

    @Flag(name: .customLong("ipv4"), inversion: .prefixedNo, help: "IPv4 addresses.")
    var ipv4 = true

    @Flag(name: .customLong("ipv6"), inversion: .prefixedNo, help: "IPv6 addresses, too.")
    var ipv6 = false

    /// One for each subnet.
    /// - Throws: a `Failure` in docker's words for what belongs to none of them.
    func pools() throws -> [NetworkRequest.Pool] {
        func all(_ texts: [String]) -> [String] {
            texts.flatMap { $0.split(separator: ",") }.map(String.init)
        }
        guard !subnet.isEmpty || (ipRange.isEmpty && gateway.isEmpty) else {
            throw Failure("every ip-range or gateway must have a corresponding subnet")
        }
        try Self.checkWhole(all(subnet), "subnet")
        try Self.checkWhole(all(ipRange), "ip-range")
        var pools = all(subnet).map(NetworkRequest.Pool.init(subnet:))
        func place(of address: String, _ what: String) throws -> Int {
            let found = pools.firstIndex { pool in
                guard let subnet = IPSubnet(pool.subnet), let address = IPAddress(address) else {
                    return false
                }
                return subnet.contains(address)
            }
            guard let found else { throw Failure("no matching subnet for \(what)") }
            return found
        }
        for text in all(ipRange) {
            let address = String(text.prefix { $0 != "/" })
            pools[try place(of: address, "range \(text)")].ipRange = text
        }
        for text in all(gateway) {
            pools[try place(of: text, "gateway \(text)")].gateway = text
        }
        for (name, address) in try KeyedValues.pairs(auxAddress, of: "--aux-address") {
            pools[try place(of: address, "aux-address \(address)")].auxAddresses[name] = address
        }
        return pools
    }

    /// Refuses a range whose address is not its first one, as docker's engine does: it may be a slip.
    private static func checkWhole(_ ranges: [String], _ what: String) throws {
        for text in ranges {
            let reason: String
            if let range = IPSubnet(text) {
                let address = text.prefix { $0 != "/" }
                let first = range.description.prefix { $0 != "/" }
                guard IPAddress(String(address)) != IPAddress(String(first)) else { continue }
                reason = "it should be \(range)"
            } else {
                reason = "invalid CIDR block notation"
            }
            throw Failure(engine: "invalid network config:\ninvalid \(what) \(text): \(reason)")
        }
    }
}
