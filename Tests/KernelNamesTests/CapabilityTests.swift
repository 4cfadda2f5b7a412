import KernelNames
import Testing

@Suite("capabilities")
struct CapabilityTests {
    private typealias Choice = Capability.Choice

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
        #expect(Choice(word) == .one("CAP_NET_RAW"))
        #expect(Choice("\(word) ") == nil)
    }

    @Test(
        "only ALL is all, as with Docker; CAP_ALL is nothing",
        arguments: [("ALL", .all), ("all", .all), ("CAP_ALL", nil), ("", nil), ("NET_ROW", nil)]
            as [(String, Capability.Choice?)]
    )
    func all(word: String, choice: Capability.Choice?) {
        #expect(Choice(word) == choice)
    }

    @Test(
        "adding and dropping follow Docker 28.5: what is added wins, but over ALL",
        arguments: [
            ([], [], 0xa804_25fb), (["NET_ADMIN"], ["NET_ADMIN"], 0xa804_35fb),
            (["ALL"], ["NET_ADMIN"], 0x1ff_ffff_efff), (["NET_ADMIN"], ["ALL"], 0x1000),
            (["CHOWN"], ["CHOWN"], 0xa804_25fb), (["ALL"], ["ALL"], 0x1ff_ffff_ffff),
            ([], ["ALL"], 0), ([], ["CHOWN"], 0xa804_25fa),
        ] as [([String], [String], UInt64)]
    )
    func granted(adding: [String], dropping: [String], mask: UInt64) {
        let names = Capability.granted(
            adding: adding.compactMap { Choice($0) },
            dropping: dropping.compactMap { Choice($0) }
        )
        #expect(names == names.sorted())
        let bits = names.compactMap(Capability.number).map { UInt64(1) << UInt64($0) }
        #expect(bits.reduce(0, |) == mask)
    }
}
