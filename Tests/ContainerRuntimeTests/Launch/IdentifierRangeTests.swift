import Testing

@testable import ContainerRuntime

@Suite("IdentifierRange")
struct IdentifierRangeTests {
    @Test(
        "takes whole ranges of what is granted to berth, in order",
        arguments: [
            ("berth:100000:65536", [100_000]),
            (
                "root:1:65536\nberth:100000:131072\nberth:500000:70000\n",
                [100_000, 165_536, 500_000]
            ),
        ] as [(String, [UInt32])]
    )
    func granted(text: String, starts: [UInt32]) {
        #expect(SubordinateIdentifiers.starts(in: text) == starts)
    }

    @Test(
        "without a grant that it can read it takes what nobody uses",
        arguments: [
            "", "other:100000:65536", "berth:0:65536", "berth:4294967295:65536", "berth:100000:10",
            "berth",
            "berth:x:65536", "containers:100000:65536",
        ]
    )
    func usual(text: String) {
        let starts = SubordinateIdentifiers.starts(in: text)
        #expect(starts.first == 0x7000_0000)
        #expect(starts.last.map { $0 + IdentifierRange.count <= 0x7fff_ffff } == true)
        #expect(Set(starts).count == starts.count)
    }
}
