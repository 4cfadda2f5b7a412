import Glibc
package import Linux
import OCI

/// The child's side of confined unpacking.
package enum ConfinedUnpacker {
    /// Bytes of addresses: a decoder's window and dictionary, the program itself, and room.
    private static let addressSpace: UInt64 = 1 << 30

    /// Confines the process, unpacks what it is told to and ends. `argument` is the last argument of
    /// its command line. Called first thing in a program, while it has one thread.
    package static func run(_ argument: String) -> Never {
        var missing: [String] = []
        let report: UnpackReport
        do {
            let request = try OCIJSON.decode(
                UnpackRequest.self,
                from: Array(argument.utf8),
                limit: 1 << 16,
                subject: "unpacking"
            )
            do {
                let layer = try unpack(request, &missing)
                report = UnpackReport(missing: missing, outcome: .done(.init(layer)))
            } catch let error as ImageStoreError {
                report = UnpackReport(missing: missing, outcome: .refused(error))
            } catch {
                let error = ImageStoreError(subject: request.subject, .unpacker("failed: \(error)"))
                report = UnpackReport(missing: missing, outcome: .refused(error))
            }
            try send(report)
            _exit(0)
        } catch {
            // The reason cannot be sent; the other side reports that it got none.
            _exit(1)
        }
    }

    private static func unpack(_ request: UnpackRequest, _ missing: inout [String]) throws
        -> UnpackedLayer
    {
        guard request.version == UnpackRequest.current else {
            throw ImageStoreError(
                subject: request.subject,
                .unpacker("is another version of this program; try again")
            )
        }
        try endWith(parent: request.parent)
        let confined = try confine(fileSize: request.limits.bytes)
        missing = confined.missing
        let blob = ArrivingBlob()
        let stream = try LayerStream(
            { try blob.read(into: $0) },
            subject: request.subject,
            limits: request.limits
        )
        return try unpackLayer(
            stream,
            into: SharedFD(try confined.directory.duplicate()),
            subject: request.subject,
            limits: request.limits,
            isUmaskClear: true
        )
    }

    /// Gives up everything but the layer's directory, which is open.
    package static func confine(fileSize: Int64) throws(SyscallError) -> Confinement.Result {
        // What is made has the mode it was made with.
        umask(0)
        try Confinement.limitProcess(addressSpace: addressSpace, fileSize: UInt64(fileSize))
        return try Confinement.enterThread(below: SharedFD(taking: UnpackRequest.directory))
    }

    /// Does not outlive who asked: the thread that started us waits for our end.
    private static func endWith(parent: Int32) throws {
        try Confinement.endWithParent()
        guard getppid() == parent else { throw ArrivingBlob.Abandoned() }
    }

    private static func send(_ report: UnpackReport) throws {
        try OwnedFD(taking: UnpackRequest.socket).writeAll(try OCIJSON.encode(report))
    }
}

/// A blob whose file grows while it is read.
private final class ArrivingBlob {
    /// Who brought it is gone.
    struct Abandoned: Error {}

    private var position: UInt64 = 0
    /// How far the file has come.
    private var arrived: UInt64 = 0
    private var isWhole = false

    /// The next bytes; 0 is the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while position == arrived {
            if isWhole { return 0 }
            try wait()
        }
        let wanted = min(buffer.count, Int(arrived - position))
        let count = try syscall("read", on: "the blob") {
            pread(UnpackRequest.blob, buffer.baseAddress, wanted, off_t(position))
        }
        guard count > 0 else { throw Abandoned() }
        position += UInt64(count)
        return count
    }

    /// Waits for news and takes all of them.
    private func wait() throws {
        try withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 512) { news in
            let bytes = UnsafeMutableRawBufferPointer(news)
            var filled = 0
            repeat {
                let count = try syscall("read", on: "the socket") {
                    let free = bytes.baseAddress?.advanced(by: filled)
                    return recv(UnpackRequest.socket, free, bytes.count - filled, 0)
                }
                guard count > 0 else { throw Abandoned() }
                filled += count
            } while filled % 8 != 0
            let last = UInt64(littleEndian: news[filled / 8 - 1])
            isWhole = last & UnpackRequest.isWhole != 0
            arrived = last & ~UnpackRequest.isWhole
        }
    }
}
