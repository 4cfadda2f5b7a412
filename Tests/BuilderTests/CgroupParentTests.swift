import ContainerRuntime
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Builder

/// `build --cgroup-parent`.
@Suite(
    "root: the control group of steps",
    .tags(.root),
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct CgroupParentTests {
    let bench: BuildBench
    init() throws { bench = try BuildBench() }

    @Test("a step runs beneath the control group that the build is told, and that stays")
    func parent() async throws {
        try bench.addBusybox()
        let layout = try CgroupLayout.current()
        let name = "berth-test-build-\(ContainerID.random().short)"
        let mountPoints = (layout.unified.map { [$0] } ?? []) + layout.legacy.map(\.mountPoint)
        defer { for mountPoint in mountPoints { rmdir(mountPoint.appending(name).string) } }
        _ = try await bench.build(BuildBench.busybox + "RUN true\n") {
            $0.cgroupParent = "/\(name)"
        }
        try #require(!mountPoints.isEmpty)
        for mountPoint in mountPoints {
            let parent = mountPoint.appending(name)
            try #require(access(parent.string, F_OK) == 0, "\(parent)")
            let left = try openFile(parent, O_RDONLY | O_DIRECTORY).entryNames()
            #expect(left.allSatisfy { ContainerID($0.string) == nil })
        }
    }
}
