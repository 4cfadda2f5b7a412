import CLinux
import Glibc
import Linux
import Testing

@testable import ContainerRuntime

/// Asks the kernel for its answer to one system call under a filter.
enum SeccompProbe {
    /// The errno, or 0; -1 when the filter cannot be installed.
    ///
    /// The filter confines a thread that makes the call, writes down the answer and ends. It must
    /// not wake anybody itself: a thread that it starts for that would be confined too.
    static func answer(
        _ filter: SeccompFilter,
        _ number: Int,
        _ argument: UInt
    ) async throws -> CInt {
        var pipe = try Pipe.make()
        let reader = SharedFD(pipe.takeReader())
        let writer = SharedFD(pipe.takeWriter())
        try startThread {
            let isInstalled = filter.instructions.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { first in
                    first.withMemoryRebound(to: sock_filter.self, capacity: buffer.count) {
                        berth_seccomp_set_filter($0, UInt16(buffer.count), 0) == 0
                    }
                } ?? false
            }
            var answer: CInt = -1
            if isInstalled {
                answer = berth_syscall(number, argument, 0, 0) < 0 ? berth_errno() : 0
            }
            writer.with { _ = write($0, &answer, MemoryLayout.size(ofValue: answer)) }
        }
        try await Readiness.readable(reader)
        let bytes = try await reader.read(upTo: 4)
        return bytes.withUnsafeBytes { $0.loadUnaligned(as: CInt.self) }
    }
}
