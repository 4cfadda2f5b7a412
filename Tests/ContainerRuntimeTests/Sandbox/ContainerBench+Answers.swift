import CLinux
import Glibc
import Linux
import SystemPackage
import Testing
import TestSupport

@testable import ContainerRuntime

#if arch(x86_64)
    extension ContainerBench {
        /// Runs a program in a container of defaults and gives the kernel's answers.
        func answers(
            _ program: SyscallProgram,
            _ change: (inout ContainerSpec) -> Void = { _ in }
        ) async throws -> [Int64] {
            let path = layer.appending("probe")
            try atomicWrite(program.executable, to: path, mode: 0o755, synced: false)
            var spec = try self.spec(["/probe"])
            change(&spec)
            var pipe = try Pipe.make()
            let reader = SharedFD(pipe.takeReader())
            let created: CreatedContainer
            do {
                let writer = SharedFD(pipe.takeWriter())
                created = try await runtime.create(
                    spec,
                    at: placement(),
                    output: .descriptors(stdout: writer, stderr: writer)
                )
            }
            let running = try await created.start()
            var bytes: [UInt8] = []
            while case let more = try await reader.read(upTo: 1 << 16), !more.isEmpty {
                bytes += more
            }
            #expect(try await running.wait().cause == .exited(code: 0))
            let answers = program.answers(in: bytes)
            try #require(answers.count == program.calls.count)
            return answers
        }
    }
#endif
