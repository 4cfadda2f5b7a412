import ContainerRuntime
import Glibc
import Linux
import SystemPackage
import Testing
import TestSupport

/// Whoever started berth may be slowed down, bound to a processor or limited.
@Suite(
    "what of the starter reaches a container",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot)
)
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

    @Test("a hard limit of the starter reaches a container only where it may not be raised")
    func hardLimits() async throws {
        await #expect(processExitsWith: .success) { () async throws -> Void in
            let resources = [RLIMIT_NOFILE, __RLIMIT_SIGPENDING].map {
                __rlimit_resource_t($0.rawValue)
            }
            for resource in resources {
                var low = rlimit(rlim_cur: 300, rlim_max: 600)
                try #require(setrlimit(resource, &low) == 0)
            }
            let short = try LimitDefaults.raise().filter { $0.available == 600 }
            let bench = try ContainerBench()
            let run = try await bench.run(bench.shell("ulimit -Sn; ulimit -Hn; ulimit -Hi"))
            let threads = try readFile("/proc/sys/kernel/threads-max", limit: 64)
            let signals =
                try #require(
                    Int(String(decoding: threads.dropLast(), as: UTF8.self))
                ) / 2
            if short.isEmpty {
                // With CAP_SYS_RESOURCE.
                #expect(run.output == "1024\n524288\n\(signals)\n")
            } else {
                #expect(run.output == "600\n600\n600\n")
                #expect(short.map(\.wanted.name) == ["nofile", "sigpending"])
                #expect(!short.contains { !$0.isSevere })
                #expect(short.first?.description == "nofile 600 instead of 524288")
            }
        }
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
