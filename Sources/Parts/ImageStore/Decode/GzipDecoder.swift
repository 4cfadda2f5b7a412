import CIsal

/// Reads gzip through ISA-L's igzip: RFC 1952, several members one after the other. Like gzip(1) it
/// ignores what follows the last member.
final class GzipDecoder: Decoder {
    private let input: InputBuffer
    private let subject: String
    private let state = UnsafeMutablePointer<inflate_state>.allocate(capacity: 1)
    private let output = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 256 << 10)
    private var isInMember = false
    private var isFirst = true

    init(_ input: InputBuffer, subject: String) {
        self.input = input
        self.subject = subject
        isal_inflate_init(state)
    }

    deinit {
        state.deallocate()
        output.deallocate()
    }

    func next() throws -> UnsafeRawBufferPointer? {
        while true {
            if !isInMember {
                guard try beginMember() else { return nil }
            }
            let count = try inflate()
            if count > 0 {
                return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(output)[..<count])
            }
        }
    }

    /// False at the end of the stream.
    private func beginMember() throws -> Bool {
        guard try input.fill(atLeast: 2), input.bytes[0] == 0x1f, input.bytes[1] == 0x8b else {
            return false
        }
        if !isFirst { isal_inflate_reset(state) }
        state.pointee.crc_flag = UInt32(ISAL_GZIP)
        isFirst = false
        isInMember = true
        return true
    }

    /// Decodes once; how many plain bytes came out.
    private func inflate() throws -> Int {
        let hasInput = try input.fill()
        let bytes = input.bytes
        // igzip's pointer is not to const, but it only reads.
        state.pointee.next_in = UnsafeMutablePointer(
            mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        )
        state.pointee.avail_in = UInt32(bytes.count)
        state.pointee.next_out = output.baseAddress
        state.pointee.avail_out = UInt32(output.count)
        let code = berth_isal_inflate(state)
        guard code >= 0, code != ISAL_NEED_DICT else {
            throw ImageStoreError(subject: subject, .corrupt(Self.words(for: code)))
        }
        input.consume(bytes.count - Int(state.pointee.avail_in))
        let count = output.count - Int(state.pointee.avail_out)
        if state.pointee.block_state == ISAL_BLOCK_FINISH {
            isInMember = false
        } else if !hasInput, count == 0 {
            throw ImageStoreError(subject: subject, .corrupt("the gzip stream ends too early"))
        }
        return count
    }

    private static func words(for code: Int32) -> String {
        switch code {
        case ISAL_INCORRECT_CHECKSUM: "gzip checksum does not match"
        case ISAL_UNSUPPORTED_METHOD, ISAL_INVALID_WRAPPER: "not a gzip header"
        case ISAL_NEED_DICT: "gzip stream wants a dictionary"
        default: "not a gzip stream"
        }
    }
}
