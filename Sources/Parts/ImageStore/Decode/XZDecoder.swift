import CLzma

/// Reads xz through liblzma: several streams one after the other, with padding between them. A
/// dictionary larger than 128 MiB, which is twice xz -9's, is refused.
final class XZDecoder: Decoder {
    private let input: InputBuffer
    private let subject: String
    private let state = UnsafeMutablePointer<lzma_stream>.allocate(capacity: 1)
    private let output = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 256 << 10)
    private var isAtEnd = false

    private static let memoryLimit: UInt64 = 160 << 20
    /// LZMA_CONCATENATED, a macro that Swift does not import.
    private static let concatenated: UInt32 = 0x08

    init(_ input: InputBuffer, subject: String) throws(ImageStoreError) {
        self.input = input
        self.subject = subject
        state.initialize(to: lzma_stream())
        let code = lzma_stream_decoder(state, Self.memoryLimit, Self.concatenated)
        guard code == LZMA_OK else {
            throw ImageStoreError(subject: subject, .corrupt("no memory for decompression"))
        }
    }

    deinit {
        lzma_end(state)
        state.deallocate()
        output.deallocate()
    }

    func next() throws -> UnsafeRawBufferPointer? {
        while !isAtEnd {
            let hasInput = try input.fill()
            let bytes = input.bytes
            state.pointee.next_in = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            state.pointee.avail_in = bytes.count
            state.pointee.next_out = output.baseAddress
            state.pointee.avail_out = output.count
            let code = lzma_code(state, hasInput ? LZMA_RUN : LZMA_FINISH)
            input.consume(bytes.count - state.pointee.avail_in)
            if code == LZMA_STREAM_END {
                isAtEnd = true
            } else if code != LZMA_OK {
                throw ImageStoreError(subject: subject, problem(code))
            }
            let count = output.count - state.pointee.avail_out
            if count > 0 {
                return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(output)[..<count])
            }
        }
        return nil
    }

    private func problem(_ code: lzma_ret) -> ImageStoreError.Problem {
        switch code {
        case LZMA_MEMLIMIT_ERROR:
            .limit(
                "decompressing it takes \(lzma_memusage(state)) bytes of memory, "
                    + "more than \(Self.memoryLimit)"
            )
        case LZMA_MEM_ERROR: .limit("decompressing it takes more memory than there is")
        case LZMA_BUF_ERROR: .corrupt("truncated: the xz stream ends too early")
        case LZMA_OPTIONS_ERROR: .corrupt("xz options that are not supported")
        case LZMA_FORMAT_ERROR: .corrupt("not an xz stream")
        default: .corrupt("the xz stream's checksum does not match")
        }
    }
}
