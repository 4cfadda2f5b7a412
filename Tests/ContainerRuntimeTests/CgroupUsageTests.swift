import Testing

@testable import ContainerRuntime

@Suite("what a cgroup counts")
struct CgroupUsageTests {
    @Test(
        "bytes of disks are read from the lines of both versions",
        arguments: [
            ("8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=5 dios=6", 10, 20),
            ("8:0 Read 10", 10, 0), ("8:0 Write 20", 0, 20), ("8:0 Sync 5", 0, 0),
            ("Total 30", 0, 0), ("8:0", 0, 0), ("8:0 rbytes=x", 0, 0),
        ] as [(Substring, UInt64, UInt64)]
    )
    func transfers(line: Substring, read: UInt64, written: UInt64) {
        var usage = CgroupUsage()
        usage.add(transfers: line)
        #expect(usage.readBytes == read && usage.writtenBytes == written)
    }
}
