import Foundation
import Glibc
import Linux
import Synchronization
import SystemPackage

@testable import ImageStore

/// Bytes at hand that look at the child that unpacks them while it waits for more.
final class WatchedSource: ByteSource {
    private struct State {
        var position = 0
        var status: [String: String] = [:]
        var mounts: [String] = []
    }

    private let bytes: [UInt8]
    private let state = Mutex(State())

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var status: [String: String] { state.withLock { $0.status } }
    var mounts: [String] { state.withLock { $0.mounts } }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        try state.withLock { state in
            if state.position > 0, state.status.isEmpty { try look(&state) }
            let count = min(buffer.count, bytes.count - state.position)
            buffer.copyBytes(from: bytes[state.position..<state.position + count])
            state.position += count
            return count
        }
    }

    /// Waits until the child is confined: its filter comes last.
    private func look(_ state: inout State) throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            guard let child = try children(of: getpid()).first else { continue }
            guard let text = try? String(contentsOfFile: "/proc/\(child)/status", encoding: .utf8)
            else { continue }  // It has just ended.
            var status: [String: String] = [:]
            for line in text.split(separator: "\n") {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2 {
                    status[String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces)
                }
            }
            guard status["Seccomp"] == "2" else { continue }
            state.status = status
            state.mounts = try String(contentsOfFile: "/proc/\(child)/mountinfo", encoding: .utf8)
                .split(separator: "\n").map(String.init)
            return
        }
    }
}

/// The processes that a process has started and that have not ended, which run our tester.
func children(of parent: Int32) throws -> [Int32] {
    try folderEntries("/proc").compactMap { Int32($0) }.filter { pid in
        // A process that ends while it is looked at is none.
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")"), text.contains("(unpack-tester)")
        else { return false }
        let fields = text[end...].split(separator: " ")
        return fields.count > 2 && fields[1] != "Z" && Int32(fields[2]) == parent
    }
}
