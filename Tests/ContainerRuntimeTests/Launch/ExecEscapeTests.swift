import ContainerRuntime
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

/// Attacks on who enters a container that runs already.
@Suite(
    "escapes by exec",
    .tags(.root),
    .leavesNothing,
    .leavesHostAsItWas,
    .enabled(if: isRoot),
    .timeLimit(.minutes(3))
)
struct ExecEscapeTests {
    let bench: ContainerBench
    init() throws { bench = try ContainerBench() }

    /// Tries one process after another in a container that sleeps.
    private func tryEach(
        _ processes: [ProcessSpec],
        _ check: (ProcessSpec, Result<(code: Int32, output: String), RuntimeError>) -> Void
    ) async throws {
        let spec = try bench.shell("exec sleep 1000")
        let running = try await bench.runtime.create(spec, at: bench.placement()).start()
        // Whoever enters must have none of them.
        let strays = try (0..<200).map { _ in
            SharedFD(try openFile("/etc", O_RDONLY | O_DIRECTORY))
        }
        for process in processes {
            do {
                let result = try await bench.exec(process, in: running, of: spec)
                check(process, .success(result))
            } catch let error as RuntimeError {
                check(process, .failure(error))
            }
        }
        withExtendedLifetime(strays) {}
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
    }

    private static let numbers = Array(0..<Iterations.ofRaces(5, 1024)) + [250]

    @Test("no working directory is a descriptor of ours (CVE-2024-21626)")
    func workingDirectory() async throws {
        symlink("/proc/self/fd", bench.layer.appending("fds").string)
        let processes = Self.numbers.flatMap { number in
            [
                "/proc/self/fd/\(number)", "/proc/thread-self/fd/\(number)/../../..",
                "/fds/\(number)",
            ].map { directory in
                let look = "pwd -P; ls ../../../../../tmp"
                var process = ProcessSpec(arguments: ["/bin/sh", "-c", look])
                process.workingDirectory = directory
                return process
            }
        }
        try await tryEach(processes) { process, result in
            switch result {
            case .failure(let error): #expect(error.message.contains("working directory"))
            case .success(let run):
                // What leads to a folder of the container is one.
                #expect(!run.output.contains("berth-test"), "\(process.workingDirectory)")
            }
        }
    }

    @Test("no program is found by way of a descriptor of ours")
    func program() async throws {
        let processes = Self.numbers.map { number in
            ProcessSpec(arguments: ["/proc/self/fd/\(number)/../../../../../../bin/ls", "/"])
        }
        try await tryEach(processes) { process, result in
            if case .success(let run) = result {
                Issue.record("\(process.arguments): \(run.code) \(run.output)")
            }
        }
    }

    @Test("a shell that is our own executable enters and changes nothing (CVE-2019-5736)")
    func ownExecutable() async throws {
        symlink("/proc/self/exe", bench.layer.appending("bin/app").string)
        try bench.write("#!/proc/self/exe\n", to: "bin/script", mode: 0o755)
        let processes = ["/bin/app", "/bin/script"].map { ProcessSpec(arguments: [$0]) }
        let before = try readFile(FilePath(Products.keeper), limit: 64 << 20)
        try await tryEach(processes) { process, result in
            if case .success(let run) = result { #expect(run.code != 0, "\(process.arguments)") }
        }
        #expect(try readFile(FilePath(Products.keeper), limit: 64 << 20) == before)
    }

    @Test("no program that a container can see is berth's, and none can be opened to be written")
    func executables() async throws {
        var spec = try bench.shell(
            """
            while :; do for e in /proc/[0-9]*/exe; do
                case $(readlink $e 2>/dev/null) in /bin/busybox|'') ;; *) echo seen $(readlink $e)
                    echo -n >> $e && echo opened ;;
                esac
            done; done 2>/dev/null
            """
        )
        spec.security.capabilities += ["CAP_SYS_PTRACE"]
        spec.security.capabilities.sort()
        let placement = bench.placement()
        let running = try await bench.runtime.create(spec, at: placement).start()
        for _ in 0..<Iterations.ofRaces(20, 1000) {
            let result = try await bench.exec("exit 7", in: running, of: spec)
            #expect(result.code == 7)
        }
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
        let log = Set(try bench.entries(placement).map(\.log))
        #expect(!log.contains("opened\n"), "\(log)")
    }
}
