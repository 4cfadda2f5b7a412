import CLinux

/// A NUL-terminated string that lives as long as the process. Paths and arguments are bytes here.
typealias CText = UnsafePointer<CChar>

/// A literal as C wants it, without going through `String`.
func c(_ text: StaticString) -> CText {
    UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

/// A short text put together from literals and numbers, NUL-terminated, in fixed memory.
struct ShortText {
    private let memory: UnsafeMutablePointer<CChar>
    private let capacity: Int
    private var count = 0

    init(capacity: Int) {
        memory = .allocate(capacity: capacity)
        memory[0] = 0
        self.capacity = capacity
    }

    /// Valid until the next change.
    var text: CText { CText(memory) }

    func free() { memory.deallocate() }

    mutating func append(_ literal: StaticString) {
        append(c(literal), literal.utf8CodeUnitCount)
    }

    mutating func append(_ other: CText) { append(other, strlen(other)) }

    mutating func append<N: BinaryInteger>(decimal number: N) {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 24) { digits in
            var rest = UInt64(truncatingIfNeeded: number)
            var start = digits.count
            repeat {
                start -= 1
                digits[start] = CChar(48 + rest % 10)
                rest /= 10
            } while rest > 0
            guard let base = digits.baseAddress else { return }
            append(base + start, digits.count - start)
        }
    }

    /// What does not fit is a programming error; it is left out and the path then not found.
    private mutating func append(_ source: CText, _ length: Int) {
        guard count + length < capacity else { return }
        memcpy(memory + count, source, length)
        count += length
        memory[count] = 0
    }
}
