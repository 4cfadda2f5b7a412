import Testing

@testable import ContainerRuntime

@Suite("capabilities there are")
struct CapabilityTests {
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
