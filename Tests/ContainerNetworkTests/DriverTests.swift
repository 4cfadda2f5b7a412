import Addresses
import Testing

@testable import ContainerNetwork

@Suite("drivers of networks")
struct DriverTests {
    @Test("a bridge whose gateway is not in its subnet is refused before anything is made")
    func gateway() throws {
        var shop = try network("shop", "172.20.0.0/16")
        try NetworkKernel.validate(shop)
        shop.ipv4?.gateway = try address("172.21.0.1")
        let error = #expect(throws: NetworkError.self) { try NetworkKernel.validate(shop) }
        #expect(
            error.map { "\($0)" }
                == "cannot make network shop: its gateway 172.21.0.1 is not in its subnet "
                + "172.20.0.0/16"
        )
    }

    @Test("what a container has of a network on the host is what its driver says")
    func links() throws {
        let shop = try network("shop", "172.20.0.0/16")
        let driver = shop.driver.driver
        #expect(driver.links(of: shop) == [shop.bridgeName])
        let id = String(repeating: "a", count: 64)
        #expect(
            driver.links(ofContainer: id, on: shop)
                == [LinkName.veth(container: id, network: shop.id)]
        )
    }
}
