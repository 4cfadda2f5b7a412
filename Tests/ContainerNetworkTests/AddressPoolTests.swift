import Addresses
import Testing

@testable import ContainerNetwork

@Suite("owners and names of links")
struct LinkNameTests {
    @Test(
        "owners are read back from what is written on links",
        arguments: [
            Owner(), Owner(containerID: "c1"), Owner(networkID: "n1"),
            Owner(containerID: "c1", networkID: "n1"),
        ]
    )
    func owner(owner: Owner) {
        #expect(Owner(owner.description) == owner)
    }

    @Test(
        "other people's aliases are not owners",
        arguments: [
            "", "docker", "berth is nice", "berth container", "berth uplink=1",
        ]
    )
    func noOwner(text: String) {
        #expect(Owner(text) == nil)
    }

    @Test("names of links fit into the kernel's fifteen bytes and carry their owners")
    func names() {
        let (container, network) = (randomID(), randomID())
        #expect(LinkName.bridge(network: network) == "bth" + network.prefix(12))
        let veth = LinkName.veth(container: container, network: network)
        #expect(veth == "bv" + container.prefix(8) + network.prefix(5))
        #expect(veth.utf8.count == 15)
    }
}

@Suite("address pools")
struct AddressPoolTests {
    @Test("networks get Docker's subnets in Docker's order")
    func order() throws {
        var taken: [IPv4Subnet] = []
        while let next = try? AddressPool.freeSubnet(taken: taken, hostRoutes: []) {
            taken.append(next)
        }
        #expect(taken.count == 31)
        #expect(taken.first?.description == "172.17.0.0/16")
        #expect(taken[15].description == "192.168.0.0/20")
        #expect(taken.last?.description == "192.168.240.0/20")
    }

    @Test("the host's routes are avoided, its default route is not in the way")
    func routes() throws {
        let routes = try [
            "0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "172.16.0.0/12", "192.168.1.0/24",
        ]
        .map(subnet)
        let free = try AddressPool.freeSubnet(taken: [], hostRoutes: routes)
        #expect(free.description == "192.168.16.0/20")
        let all = routes + [try subnet("192.168.0.0/16")]
        #expect(throws: AddressError.poolsExhausted) {
            try AddressPool.freeSubnet(taken: [], hostRoutes: all)
        }
    }

    @Test("a subnet that overlaps is refused with the other's name")
    func refused() throws {
        let wanted = try subnet("172.18.4.0/24")
        let shop = try subnet("172.18.0.0/16")
        let overlap = AddressError.overlapsNetwork(wanted.either, name: "shop", other: shop.either)
        #expect(throws: overlap) {
            try AddressPool.checkSubnet(wanted, taken: [("shop", shop)], hostRoutes: [])
        }
        #expect(throws: AddressError.overlapsHost(wanted.either, route: shop.either)) {
            try AddressPool.checkSubnet(wanted, taken: [], hostRoutes: [shop])
        }
        let tiny = try subnet("10.0.0.0/31")
        #expect(throws: AddressError.subnetTooSmall(tiny.either)) {
            try AddressPool.checkSubnet(tiny, taken: [], hostRoutes: [])
        }
    }

    @Test("the gateway is the first address, or the one asked for")
    func gateway() throws {
        let range = try subnet("172.18.0.0/16")
        #expect(try AddressPool.gateway(of: range).description == "172.18.0.1")
        let asked = try address("172.18.255.254")
        #expect(try AddressPool.gateway(of: range, requested: asked) == asked)
        // The range may begin where the subnet does, at an address that no host has.
        for (part, first) in [("172.18.5.0/24", "172.18.5.0"), ("172.18.0.0/24", "172.18.0.1")] {
            let part = try subnet(part)
            #expect(try AddressPool.gateway(of: range, range: part).description == first)
            #expect(try AddressPool.gateway(of: range, range: part, requested: asked) == asked)
        }
        for outside in ["172.18.0.0", "172.18.255.255", "10.0.0.1"] {
            let outside = try address(outside)
            #expect(throws: AddressError.outsideSubnet(outside.either, range.either)) {
                try AddressPool.gateway(of: range, requested: outside)
            }
        }
    }

    @Test("a small subnet gives each address once, the recently used last")
    func exhaustion() throws {
        let range = try subnet("10.0.0.0/29")
        let gateway = try address("10.0.0.1")
        let recent: Set = [try address("10.0.0.2"), try address("10.0.0.3")]
        var used: Set<IPv4Address> = []
        var given: [String] = []
        for _ in 0..<5 {
            let next = try AddressPool.freeAddress(
                in: range,
                gateway: gateway,
                used: used,
                avoiding: recent
            )
            used.insert(next)
            given.append(next.description)
        }
        #expect(given == ["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.2", "10.0.0.3"])
        #expect(throws: AddressError.subnetFull(range.either)) {
            try AddressPool.freeAddress(in: range, gateway: gateway, used: used)
        }
    }

    @Test("addresses come from the range, which must be inside the subnet")
    func range() throws {
        let range = try subnet("10.0.0.0/24")
        let gateway = try address("10.0.0.1")
        let upper = try subnet("10.0.0.128/25")
        let first = try AddressPool.freeAddress(
            in: range,
            range: upper,
            gateway: gateway,
            used: []
        )
        #expect(first.description == "10.0.0.128")
        // A gateway within is given to nobody.
        let second = try AddressPool.freeAddress(in: range, range: upper, gateway: first, used: [])
        #expect(second.description == "10.0.0.129")
        // The last of the range is the subnet's broadcast address.
        let used = Set((128...254).compactMap { IPv4Address("10.0.0.\($0)") })
        #expect(throws: AddressError.subnetFull(upper.either)) {
            try AddressPool.freeAddress(in: range, range: upper, gateway: gateway, used: used)
        }
        let elsewhere = try subnet("10.1.0.0/25")
        #expect(throws: AddressError.rangeOutsideSubnet(elsewhere.either, range.either)) {
            try AddressPool.freeAddress(in: range, range: elsewhere, gateway: gateway, used: [])
        }
    }

    @Test("an address the user wrote is checked")
    func fixed() throws {
        let range = try subnet("10.0.0.0/24")
        let gateway = try address("10.0.0.1")
        let taken = try address("10.0.0.7")
        try AddressPool.checkAddress(
            address("10.0.0.8"),
            in: range,
            gateway: gateway,
            used: [taken]
        )
        #expect(throws: AddressError.addressTaken(taken.either)) {
            try AddressPool.checkAddress(taken, in: range, gateway: gateway, used: [taken])
        }
        #expect(throws: AddressError.isGateway(gateway.either)) {
            try AddressPool.checkAddress(gateway, in: range, gateway: gateway, used: [])
        }
        let outside = try address("10.0.1.1")
        #expect(throws: AddressError.outsideSubnet(outside.either, range.either)) {
            try AddressPool.checkAddress(outside, in: range, gateway: gateway, used: [])
        }
    }

    @Test("IPv6 networks come one after another from a /48 of machine and state folder")
    func uniqueLocal() throws {
        let pool = AddressPool.uniqueLocal(machine: "a", stateFolder: "b")
        #expect(pool.prefixLength == 48)
        #expect(IPv6Subnet("fd00::/8")?.contains(pool) == true)
        #expect(pool == AddressPool.uniqueLocal(machine: "a", stateFolder: "b"))
        for other in [("c", "b"), ("a", "c")] {
            #expect(pool != AddressPool.uniqueLocal(machine: other.0, stateFolder: other.1))
        }
        var taken: [IPv6Subnet] = []
        for number in 0..<3 {
            let next = try AddressPool.freeSubnet(of: pool, taken: taken, hostRoutes: [])
            #expect(next.base.number == pool.base.number + UInt128(number) << 64)
            #expect(next.prefixLength == 64)
            taken.append(next)
        }
        let half = IPv6Subnet(around: pool.base, prefixLength: 49)
        let next = try AddressPool.freeSubnet(of: pool, taken: taken, hostRoutes: [half])
        #expect(next.base.number == half.last.number + 1)
        #expect(throws: AddressError.poolExhausted(pool.either)) {
            try AddressPool.freeSubnet(of: pool, taken: [pool], hostRoutes: [])
        }
        // A default route reserves nothing.
        let all = try #require(IPv6Subnet("::/0"))
        #expect(try AddressPool.freeSubnet(of: pool, taken: [], hostRoutes: [all]) == taken[0])
    }

    @Test("addresses of IPv6 are counted up from the second, and a small subnet is used up")
    func ipv6() throws {
        let range = try #require(IPv6Subnet("fd00::/126"))
        let gateway = try AddressPool.gateway(of: range)
        #expect(gateway.description == "fd00::1")
        var used: Set<IPv6Address> = []
        for expected in ["fd00::2", "fd00::3"] {
            let next = try AddressPool.freeAddress(in: range, gateway: gateway, used: used)
            #expect(next.description == expected)
            used.insert(next)
        }
        #expect(throws: AddressError.subnetFull(range.either)) {
            try AddressPool.freeAddress(in: range, gateway: gateway, used: used)
        }
        let tiny = try #require(IPv6Subnet("fd00::/127"))
        #expect(throws: AddressError.subnetTooSmall(tiny.either)) {
            try AddressPool.checkSubnet(tiny, taken: [], hostRoutes: [])
        }
    }
}
