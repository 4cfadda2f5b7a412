import ContainerRuntime
import Glibc
import Linux
import SystemPackage
import Testing

/// Whoever started berth may be slowed down, bound to a processor or limited.
@Suite("what of the starter reaches a container", .tags(.root), .enabled(if: isRoot))
struct StarterStateTests {
    let bench: ContainerBench
    init() throws { bench = try ContainerBench() }

    @Test("a container has its own limits, whatever those of its starter are")
    func limits() async throws {
        let resource = __rlimit_resource_t(RLIMIT_STACK.rawValue)
        var old = rlimit()
        try #require(getrlimit(resource, &old) == 0)
        var low = rlimit(rlim_cur: 1 << 20, rlim_max: old.rlim_max)
        try #require(setrlimit(resource, &low) == 0)
        defer { _ = setrlimit(resource, &old) }
        let run = try await bench.run(bench.shell("ulimit -s; ulimit -t; ulimit -f; ulimit -v"))
        #expect(run.output == "8192\nunlimited\nunlimited\nunlimited\n")
    }

    @Test("a container of a starter that is nice is not")
    func scheduling() async throws {
        await #expect(processExitsWith: .success) { () async throws -> Void in
            // Every thread there is: later ones take after those that start them.
            for thread in try folderEntries("/proc/self/task").compactMap({ id_t($0) }) {
                try #require(setpriority(__priority_which_t(PRIO_PROCESS.rawValue), thread, 7) == 0)
            }
            let bench = try ContainerBench()
            let run = try await bench.run(bench.shell("cat /proc/self/stat"))
            // Field 19 of proc_pid_stat(5).
            #expect(run.output.split(separator: " ").dropFirst(18).first == "0")
        }
    }
}
