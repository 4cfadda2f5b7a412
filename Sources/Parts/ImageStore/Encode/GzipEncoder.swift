import CIsal

/// Writes one gzip member through ISA-L's igzip, RFC 1952. Its header says neither when nor where,
/// so that the same bytes give the same blob again.
final class GzipEncoder {
    private let subject: String
    private let sink: (UnsafeRawBufferPointer) throws -> Void
    private let state = UnsafeMutablePointer<isal_zstream>.allocate(capacity: 1)
    private let work: UnsafeMutableBufferPointer<UInt8>
    private let output = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 256 << 10)

    /// `ISAL_DEF_LVL1_DEFAULT`, a macro that Swift does not see.
    private static let workBytes = 4 * 1024 + 2 * 8 * 1024 + 4 * 64 * 1024

    init(subject: String, to sink: @escaping (UnsafeRawBufferPointer) throws -> Void) {
        self.subject = subject
        self.sink = sink
        work = .allocate(capacity: Self.workBytes)
        isal_deflate_init(state)
        state.pointee.level = 1
        state.pointee.level_buf = work.baseAddress
        state.pointee.level_buf_size = UInt32(work.count)
        state.pointee.gzip_flag = UInt16(IGZIP_GZIP)
    }

    deinit {
        state.deallocate()
        work.deallocate()
        output.deallocate()
    }

    /// Takes the next plain bytes.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        state.pointee.next_in = UnsafeMutablePointer(
            mutating: start.assumingMemoryBound(to: UInt8.self)
        )
        state.pointee.avail_in = UInt32(bytes.count)
        try run { state.pointee.avail_in > 0 }
    }

    /// Writes what is still inside, and the trailer. Once.
    func finish() throws {
        state.pointee.end_of_stream = 1
        state.pointee.avail_in = 0
        try run { state.pointee.internal_state.state != ZSTATE_END }
    }

    private func run(while goesOn: () -> Bool) throws {
        repeat {
            state.pointee.next_out = output.baseAddress
            state.pointee.avail_out = UInt32(output.count)
            let code = berth_isal_deflate(state)
            guard code == COMP_OK else {
                throw ImageStoreError(subject: subject, .corrupt("igzip gives error \(code)"))
            }
            let count = output.count - Int(state.pointee.avail_out)
            if count > 0 {
                try sink(UnsafeRawBufferPointer(start: output.baseAddress, count: count))
            }
        } while goesOn() || state.pointee.avail_out == 0
    }
}
