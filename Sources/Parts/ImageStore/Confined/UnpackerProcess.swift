import Glibc
import Linux
import OCI
import SystemPackage

/// The parent's side of confined unpacking: one child, for one layer.
final class UnpackerProcess {
    private let process: ProcessFD
    private let slot: UnpackSlot
    private let socket: SharedFD
    private let program: UnpackerProgram
    private let subject: String
    private var isReaped = false

    /// The paths of directories, as text of four bytes for three, and a few words more.
    static let reportLimit = 2 * UnpackLimits.rememberedBytes

    /// Starts the child; the thread that calls this has to stay until it has ended.
    init(
        _ program: UnpackerProgram,
        slot: UnpackSlot,
        blob: SharedFD,
        directory: SharedFD,
        subject: String,
        limits: UnpackLimits
    ) throws {
        self.program = program
        self.slot = slot
        self.subject = subject
        let request = UnpackRequest(subject: subject, limits: limits, parent: getpid())
        var ends = try Pipe.socketPair()
        var spawnRequest = SpawnRequest(
            program: program.path.string,
            arguments: program.arguments
                + [String(decoding: try OCIJSON.encode(request), as: UTF8.self)]
        )
        spawnRequest.descriptors = [
            UnpackRequest.blob: blob,
            UnpackRequest.directory: directory,
            UnpackRequest.socket: SharedFD(ends.takeReader()),
        ]
        // A terminal's interrupt is for us; our end is the child's.
        spawnRequest.startsSession = true
        socket = SharedFD(ends.takeWriter())
        do throws(SyscallError) {
            process = try spawn(spawnRequest)
        } catch {
            throw ImageStoreError(subject: subject, .unpacker("could not be started: \(error)"))
        }
    }

    deinit {
        guard !isReaped else { return }
        // Whatever went wrong is being thrown; a child that cannot be killed has ended.
        _ = try? process.signal(SIGKILL)
        _ = try? process.waitForExitStatus()
    }

    /// Tells how far the blob's file has come. False when the child takes no more.
    func tell(_ position: Int64, isWhole: Bool = false) throws(SyscallError) -> Bool {
        var word = (UInt64(position) | (isWhole ? UnpackRequest.isWhole : 0)).littleEndian
        // Only the last word has to arrive: a child that is busy is not waited for.
        let flags = CInt(MSG_NOSIGNAL) | (isWhole ? 0 : CInt(MSG_DONTWAIT))
        do throws(SyscallError) {
            _ = try socket.with { socket throws(SyscallError) in
                try syscall("send", on: subject) { send(socket, &word, 8, flags) }
            }
            return true
        } catch {
            switch error.errno {
            case EAGAIN: return true
            case EPIPE, ECONNRESET: return false
            default: throw error
            }
        }
    }

    /// Waits for the child's end and takes its word.
    func finish() throws -> UnpackedLayer {
        let bytes = try readReport()
        let status = try process.waitForExitStatus()
        isReaped = true
        guard status == .exited(code: 0), !bytes.isEmpty else {
            throw ImageStoreError(subject: subject, .unpacker(Self.words(for: status)))
        }
        let report = try OCIJSON.decode(
            UnpackReport.self,
            from: bytes,
            limit: Self.reportLimit,
            subject: "report of the unpacker"
        )
        if !report.missing.isEmpty { program.lacks(report.missing) }
        switch report.outcome {
        case .refused(let error): throw error
        case .done(let layer):
            do throws(EntryPath.Refusal) {
                return try layer.unpacked()
            } catch {
                throw ImageStoreError(
                    subject: subject,
                    .unpacker("reported nonsense: \(error.reason)")
                )
            }
        }
    }

    private func readReport() throws -> [UInt8] {
        let socket = try socket.duplicate()
        var bytes: [UInt8] = []
        while true {
            do throws(SyscallError) {
                let more = try socket.readSome(upTo: 64 << 10)
                if more.isEmpty { return bytes }
                bytes += more
            } catch {
                // It ended without having read everything that it was told.
                guard error.errno == ECONNRESET else { throw error }
                return bytes
            }
            guard bytes.count <= Self.reportLimit else {
                // It is not waited for: it may never end.
                throw ImageStoreError(
                    subject: subject,
                    .unpacker("reported more than \(Self.reportLimit) bytes")
                )
            }
        }
    }

    private static func words(for status: ExitStatus) -> String {
        switch status {
        case .exited(let code): "ended with code \(code) and without a word"
        case .signaled(let number) where number == SIGKILL:
            "was killed: by somebody, or for want of memory"
        case .signaled(let number):
            "crashed (signal \(number)): the archive may be made to attack it; report this image"
        }
    }
}
