import CLinux
import Glibc
import TestSupport

/// A program for a container, made of system calls alone: it makes each and writes down the
/// answers. Written as machine code, since what a container is tested with must come with the test.
struct SyscallProgram: Sendable {
    /// How a call enters the kernel.
    enum Gate: UInt32, CaseIterable, Sendable {
        case native = 0
        /// The 32-bit kernel's door, open to 64-bit programs as well.
        case i386 = 1
    }

    struct Call: Sendable {
        var gate = Gate.native
        var number: UInt32
        var arguments: [UInt64] = []
    }

    private(set) var calls: [Call] = []
    private var strings: [UInt8] = []

    mutating func add(_ call: Call) { calls.append(call) }

    /// The address of a text, for an argument.
    mutating func text(_ text: String) -> UInt64 {
        defer { strings += Array(text.utf8) + [0] }
        return Self.strings + UInt64(strings.count)
    }

    /// The answers in what the program wrote: results or negative errnos.
    func answers(in output: [UInt8]) -> [Int64] {
        output.withUnsafeBytes { buffer in
            (0..<min(calls.count, buffer.count / 32)).map {
                buffer.loadUnaligned(fromByteOffset: $0 * 32 + 8, as: Int64.self)
            }
        }
    }

    // One segment, everything allowed: code, then a table of calls, then texts.
    private static let base: UInt64 = 0x40_0000
    private static let table: UInt64 = 0x40_1000
    private static let strings: UInt64 = 0x60_0000

    /// The ELF file.
    var executable: [UInt8] {
        let end = Self.strings - Self.base + UInt64(strings.count)
        var file: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
        let entry = Self.base + 120
        file += bytes(UInt16(2)) + bytes(UInt16(62)) + bytes(UInt32(1))  // executable, x86-64
        file += bytes(entry) + bytes(UInt64(64)) + bytes(UInt64(0)) + bytes(UInt32(0))
        file += [64, 56, 1, 64, 0, 0].flatMap { bytes(UInt16($0)) }
        file += bytes(UInt32(1)) + bytes(UInt32(7))  // loaded; readable, writable, executable
        file += bytes(UInt64(0)) + bytes(Self.base) + bytes(Self.base)
        file += bytes(end) + bytes(end) + bytes(UInt64(0x1000))
        file += Self.code
        pad(&file, to: Self.table)
        for call in calls {
            let arguments = call.arguments + [UInt64](repeating: 0, count: 3)
            file += bytes(call.gate.rawValue) + bytes(call.number)
            file += arguments.prefix(3).flatMap(bytes)
        }
        file += bytes(UInt32(2))
        pad(&file, to: Self.strings)
        return file + strings
    }

    private func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private func pad(_ file: inout [UInt8], to address: UInt64) {
        let count = Int(address - Self.base)
        precondition(file.count <= count, "more calls than there is room for")
        file += [UInt8](repeating: 0, count: count - file.count)
    }

    /// Until an entry of kind 2: loads number and arguments, enters the kernel by `syscall` or
    /// `int 0x80`, puts the answer where the first argument was; then writes the table to 1, exits.
    private static let code: [UInt8] = [
        0xbb, 0x00, 0x10, 0x40, 0x00, 0x44, 0x8b, 0x23, 0x8b, 0x43, 0x04, 0x41, 0x83, 0xfc, 0x02,
        0x74, 0x3d, 0x45, 0x85, 0xe4, 0x75, 0x19, 0x48, 0x8b, 0x7b, 0x08, 0x48, 0x8b, 0x73, 0x10,
        0x48, 0x8b, 0x53, 0x18, 0x45, 0x31, 0xd2, 0x45, 0x31, 0xc0, 0x45, 0x31, 0xc9, 0x0f, 0x05,
        0xeb, 0x15, 0x53, 0x8b, 0x4b, 0x10, 0x8b, 0x53, 0x18, 0x8b, 0x5b, 0x08, 0x31, 0xf6, 0x31,
        0xff, 0x31, 0xed, 0xcd, 0x80, 0x5b, 0x48, 0x98, 0x48, 0x89, 0x43, 0x08, 0x48, 0x83, 0xc3,
        0x20, 0xeb, 0xb7, 0x48, 0x89, 0xda, 0xbe, 0x00, 0x10, 0x40, 0x00, 0x48, 0x29, 0xf2, 0xbf,
        0x01, 0x00, 0x00, 0x00, 0xb8, 0x01, 0x00, 0x00, 0x00, 0x0f, 0x05, 0x48, 0x85, 0xc0, 0x7e,
        0x08, 0x48, 0x01, 0xc6, 0x48, 0x29, 0xc2, 0x75, 0xe7, 0x31, 0xff, 0xb8, 0xe7, 0x00, 0x00,
        0x00, 0x0f, 0x05,
    ]
}
