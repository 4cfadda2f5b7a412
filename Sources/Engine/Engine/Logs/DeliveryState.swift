package import ContainerRuntime
import Glibc
import Linux
import SystemPackage

/// How far the lines of a container have been sent to the server that its log driver names. It lies
/// in the container's folder, so that the next supervisor goes on where the last one was.
package struct DeliveryState: Hashable, Sendable {
    /// When the last line that was sent was written; nil before the first one.
    package var time: Timestamp?
    /// How many of the lines with that time were sent.
    package var count = 0
    /// Why nothing can be sent now.
    package var failure: String?

    /// Nothing was sent yet.
    package init() {}

    /// Takes a line that was sent.
    package mutating func sent(_ line: LogLine) {
        count = line.time == time ? count + 1 : 1
        time = line.time
        failure = nil
    }

    private static func path(in folder: FilePath) -> FilePath { folder.appending("delivery") }

    /// What was written last: `NANOSECONDS COUNT`, and the failure in a second line. Nothing sent
    /// where there is no such file, or a damaged one: then some lines come twice.
    static func read(in folder: FilePath) throws(SyscallError) -> DeliveryState {
        var state = DeliveryState()
        let bytes: [UInt8]
        do { bytes = try readFile(path(in: folder), limit: 64 << 10) } catch
            where error.errno == ENOENT
        {
            return state
        }
        let lines = String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = lines[0].split(separator: " ").compactMap { Int64($0) }
        if numbers.count == 2 {
            state.time = Timestamp(nanoseconds: numbers[0])
            state.count = Int(numbers[1])
        }
        if lines.count == 2, !lines[1].isEmpty { state.failure = String(lines[1]) }
        return state
    }

    func write(in folder: FilePath) throws(SyscallError) {
        let place = time.map { "\($0.nanoseconds) \(count)" } ?? ""
        try atomicWrite(
            [UInt8]("\(place)\n\(failure ?? "")".utf8),
            to: Self.path(in: folder),
            mode: 0o600,
            synced: false
        )
    }
}

extension Engine {
    /// How far the lines of a container were sent.
    package func deliveryState(of id: ContainerID) throws -> DeliveryState {
        try DeliveryState.read(in: layout.container(id.text))
    }

    /// Writes down how far they were sent; nothing for a container that is gone.
    package func record(_ state: DeliveryState, of id: ContainerID) throws {
        do { try state.write(in: layout.container(id.text)) } catch  where error.errno == ENOENT {}
    }
}
