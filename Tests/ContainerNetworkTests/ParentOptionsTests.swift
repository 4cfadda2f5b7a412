import Testing

@testable import ContainerNetwork

@Suite("options of networks on a link of the host")
struct ParentOptionsTests {
    @Test("every mode is read, and has the kernel's number")
    func modes() throws {
        for (text, number) in [("bridge", 4), ("private", 1), ("vepa", 2), ("passthru", 8)] {
            let options = try #require(
                try ParentOptions(["macvlan_mode": text, "parent": "eth0.10"], of: .macvlan)
            )
            guard case .macvlan(let mode) = options.mode else {
                Issue.record("\(text)")
                continue
            }
            #expect(mode.number == UInt32(number) && options.parent == "eth0.10")
        }
        for (text, number) in [("l2", 0), ("l3", 1), ("l3s", 2)] {
            let options = try #require(
                try ParentOptions(["ipvlan_mode": text, "ipvlan_flag": "vepa"], of: .ipvlan)
            )
            guard case .ipvlan(let mode, let flag) = options.mode else {
                Issue.record("\(text)")
                continue
            }
            #expect(mode.number == UInt16(number) && flag.number == 2 && options.parent == nil)
        }
        #expect(try ParentOptions([:], of: .bridge) == nil)
        #expect(try ParentOptions([:], of: .macvlan)?.mode == .macvlan(.bridge))
        #expect(try ParentOptions([:], of: .ipvlan)?.mode == .ipvlan(.l2, .bridge))
    }

    @Test(
        "what has no meaning is refused by name",
        arguments: [
            (NetworkDriverName.macvlan, "ipvlan_mode", "l2"), (.ipvlan, "macvlan_mode", "bridge"),
            (.ipvlan, "ipvlan_mode", "l4"), (.macvlan, "parent", "lo"),
            (.macvlan, "parent", "a/b"), (.macvlan, "com.docker.network.driver.mtu", "1"),
        ]
    )
    func refused(driver: NetworkDriverName, key: String, text: String) {
        let error = #expect(throws: NetworkError.self) {
            _ = try ParentOptions([key: text], of: driver)
        }
        #expect(error?.action == "use driver option \(key)")
    }
}
