import CLinux
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite("processes", .timeLimit(.minutes(1)))
struct ProcessTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    func shell(_ script: String) -> SpawnRequest {
        SpawnRequest(program: "/bin/sh", arguments: ["sh", "-c", script])
    }

    @Test(
        "a child's end is told",
        arguments: [
            ("exit 0", Linux.ExitStatus.exited(code: 0), 0), ("exit 7", .exited(code: 7), 7),
            ("kill -9 $$", .signaled(number: 9), 137),
        ] as [(String, Linux.ExitStatus, Int32)]
    )
    func ends(script: String, status: Linux.ExitStatus, code: Int32) async throws {
        let ended = try await spawn(shell(script)).exitStatus()
        #expect(ended == status)
        #expect(ended.code == code)
    }

    @Test("a child has what it was given and nothing else")
    func isolation() async throws {
        var pipe = try Pipe.make()
        let writer = SharedFD(pipe.takeWriter())
        let reader = pipe.takeReader()
        let stray = SharedFD(OwnedFD(taking: open("/dev/null", O_RDONLY | O_CLOEXEC)))
        var request = shell("pwd; echo $A-$HOME; echo three >&3; ls -m /proc/$$/fd")
        request.environment = ["A=1", "PATH=/usr/bin:/bin"]
        request.workingDirectory = "/usr"
        // Target numbers that are also the numbers of the sources.
        request.descriptors = [1: writer, 3: writer, 4: stray]
        let child = try spawn(request)
        request.descriptors = [:]
        #expect(try await child.exitStatus() == .exited(code: 0))
        let text = String(decoding: try reader.readSome(upTo: 4096), as: UTF8.self)
        #expect(text == "/usr\n1-\nthree\n0, 1, 2, 3, 4\n")
    }

    @Test("a low limit of descriptors is raised as far as may be")
    func descriptors() async {
        await #expect(processExitsWith: .success) { () async throws -> Void in
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            var low = rlimit(rlim_cur: 32, rlim_max: 128)
            try #require(setrlimit(resource, &low) == 0)
            #expect(try DescriptorLimit.ensure(16).soft == 32)
            #expect(try DescriptorLimit.ensure(64).soft == 128)
            low = rlimit(rlim_cur: 32, rlim_max: 32)
            try #require(setrlimit(resource, &low) == 0)
            // Without CAP_SYS_RESOURCE the hard one stays.
            try #require(berth_capset(0, 0, 0) == 0)
            #expect(try DescriptorLimit.ensure(64) == DescriptorLimit.current())
            #expect(try DescriptorLimit.current().soft == 32)
        }
    }

    @Test("a limit of file sizes is lifted as far as may be, and is no signal")
    func fileSize() async {
        await #expect(processExitsWith: .success) { () async throws -> Void in
            let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
            var low = rlimit(rlim_cur: 100, rlim_max: 200)
            try #require(setrlimit(resource, &low) == 0)
            try #require(berth_capset(0, 0, 0) == 0)
            FileSizeLimit.lift()
            #expect(FileSizeLimit.current == 200)
            let scratch = try Scratch()
            let file = try openFile(scratch("f"), O_WRONLY | O_CREAT, mode: 0o600)
            let error = #expect(throws: SyscallError.self) {
                try file.writeAll([UInt8](repeating: 0, count: 300))
            }
            #expect(error?.errno == EFBIG)
        }
    }

    @Test("a process takes back what its starter slowed down and bound")
    func knownState() async {
        await #expect(processExitsWith: .success) { () async throws -> Void in
            try await Self.slowDownAndStartFromKnownState()
        }
    }

    private static func slowDownAndStartFromKnownState() async throws {
        // Of one thread, like the calls.
        try await blocking { () throws(SyscallError) in
            let before = try allowedProcessors()
            var first: UInt64 = 1
            // Refused where processor 0 is not ours.
            _ = berth_sched_setaffinity(MemoryLayout<UInt64>.size, &first)
            #expect(berth_set_nice(3) == 0)
            startFromKnownState()
            #expect(try allowedProcessors() == before)
            // Without CAP_SYS_NICE it stays.
            let nice = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
            #expect(nice == 0 || geteuid() != 0)
        }
    }

    private static func allowedProcessors() throws(SyscallError) -> Substring? {
        let status = try readFile("/proc/thread-self/status", limit: 64 << 10)
        return String(decoding: status, as: UTF8.self).split(separator: "\n").first {
            $0.hasPrefix("Cpus_allowed:")
        }
    }

    @Test("signals are at their default and not blocked")
    func signals() async throws {
        signal(SIGPIPE, SIG_IGN)
        var pipe = try Pipe.make()
        let reader = pipe.takeReader()
        var request = shell("grep -E 'Sig(Blk|Ign)' /proc/self/status")
        request.descriptors = [1: SharedFD(pipe.takeWriter())]
        #expect(try await spawn(request).exitStatus() == .exited(code: 0))
        let text = String(decoding: try reader.readSome(upTo: 4096), as: UTF8.self)
        // glibc's posix_spawn ignores its own two signals, 32 and 33, in every child.
        #expect(text == "SigBlk:\t0000000000000000\nSigIgn:\t0000000180000000\n")
    }

    @Test("a missing program is an error of spawn")
    func missing() {
        let error = #expect(throws: SyscallError.self) {
            try spawn(SpawnRequest(program: "/no/such", arguments: ["x"]))
        }
        #expect(error?.description == "exec /no/such: No such file or directory")
    }

    @Test("an identity finds the living process and no later one")
    func identity() async throws {
        let child = try spawn(SpawnRequest(program: "/bin/sleep", arguments: ["sleep", "60"]))
        var identity = try ProcessIdentity(of: child.pid)
        #expect(try identity.open()?.isAlive == true)
        var other = identity
        other.startTime += 1
        #expect(try other.open() == nil)
        other = identity
        other.bootID = "another"
        #expect(try other.open() == nil)
        let found = try #require(try identity.open())
        #expect(try found.signal(SIGTERM))
        try await found.waitForExit()
        #expect(!child.isAlive)
        #expect(try await child.exitStatus() == .signaled(number: SIGTERM))
        #expect(try !child.signal(SIGTERM))
        #expect(try identity.open() == nil)
        identity.pid = Int32.max
        #expect(try identity.open() == nil)
    }

    @Test("a signal arrives in the stream")
    func stream() async throws {
        let stream = try Signals.stream([SIGUSR1])
        kill(getpid(), SIGUSR1)
        var iterator = stream.makeAsyncIterator()
        #expect(await iterator.next() == SIGUSR1)
    }
}
