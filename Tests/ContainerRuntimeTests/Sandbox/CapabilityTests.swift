import Testing

@testable import ContainerRuntime

@Suite("capabilities")
struct CapabilityTests {
    @Test("names have the kernel's numbers")
    func numbers() {
        #expect(Capability.number("CAP_CHOWN") == 0)
        #expect(Capability.number("CAP_NET_RAW") == 13)
        #expect(Capability.number("CAP_SYS_ADMIN") == 21)
        #expect(Capability.number("CAP_CHECKPOINT_RESTORE") == 40)
        #expect(Capability.dockerDefaults.allSatisfy { Capability.number($0) != nil })
        #expect(Capability.dockerDefaults.count == 14)
    }

    @Test(
        "any spelling is understood",
        arguments: ["net_raw", "NET_RAW", "cap_net_raw", "Cap_Net_Raw"]
    )
    func spelling(word: String) {
        #expect(Capability.canonicalName(word) == "CAP_NET_RAW")
        #expect(Capability.canonicalName("\(word) ") == nil)
    }

    @Test("adding and dropping follow Docker")
    func addAndDrop() throws {
        let defaults = Capability.dockerDefaults
        #expect(try Capability.granted(adding: [], dropping: []) == defaults)
        #expect(
            try Capability.granted(adding: ["sys_time"], dropping: ["mknod", "NET_RAW"])
                == Set(defaults).subtracting(["CAP_MKNOD", "CAP_NET_RAW"]).union(["CAP_SYS_TIME"])
                .sorted()
        )
        #expect(try Capability.granted(adding: ["CHOWN"], dropping: ["all"]) == ["CAP_CHOWN"])
        let all = try Capability.granted(adding: ["ALL"], dropping: ["SYS_ADMIN"])
        #expect(all.count == 40)
        #expect(!all.contains("CAP_SYS_ADMIN"))
        #expect(try Capability.granted(adding: [], dropping: ["ALL"]) == [])
        #expect(try Capability.granted(adding: ["KILL"], dropping: ["KILL"]).contains("CAP_KILL"))
    }

    @Test("unknown names are refused, all of them by name")
    func unknown() {
        let error = #expect(throws: RuntimeError.self) {
            try Capability.granted(adding: ["NET_ROW", "CHOWN"], dropping: ["ROOT"])
        }
        #expect(error?.description == "unknown capability \"NET_ROW\"")
    }

    @Test("what the kernel or this process lacks is left out with a warning")
    func grant() {
        let available = CapabilitiesAvailable(last: 20, held: ~0 & ~(1 << 13))
        let grant = CapabilityGrant(
            ["CAP_CHOWN", "CAP_NET_RAW", "CAP_SYS_ADMIN"],
            available: available
        )
        #expect(grant.mask == 1)
        #expect(grant.warnings.count == 2)
        #expect(grant.warnings.first?.hasPrefix("CAP_NET_RAW is not held") == true)
        #expect(grant.warnings.last?.hasPrefix("CAP_SYS_ADMIN is not known") == true)
    }

    @Test("this machine's capabilities can be read")
    func current() throws {
        let available = try CapabilitiesAvailable.current()
        #expect(available.last >= 37)
        #expect(available.held >> UInt64(available.last + 1) == 0)
    }
}
