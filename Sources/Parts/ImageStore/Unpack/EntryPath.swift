package import SystemPackage

/// The name of an entry of a layer, without what changes nothing: `usr/bin` for `./usr//bin/`.
/// Names are bytes; none leaves the layer.
package struct EntryPath: Hashable, Sendable {
    /// Components with one slash between them, none in front; none is empty, `.` or `..`.
    package let bytes: [UInt8]

    /// Why a name is refused.
    package struct Refusal: Error, Equatable {
        package var reason: String
    }

    package static let root = EntryPath(known: [])

    private static let slash = UInt8(ascii: "/")
    private static let dot = UInt8(ascii: ".")

    /// Takes bytes that are in the form above.
    private init(known bytes: [UInt8]) { self.bytes = bytes }

    /// Takes a name as it stands in the archive: `./usr/bin/`, `usr/bin`, `/usr/bin`.
    package init(_ name: some Collection<UInt8>) throws(Refusal) {
        guard !name.isEmpty else { throw Refusal(reason: "has no name") }
        guard name.count <= 4096 else { throw Refusal(reason: "name is longer than 4096 bytes") }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(name.count)
        var depth = 0
        for part in name.split(separator: Self.slash) {
            if part.first == Self.dot {
                if part.count == 1 { continue }
                guard !part.elementsEqual("..".utf8) else {
                    throw Refusal(reason: "\"..\" would leave the layer")
                }
            }
            guard !part.contains(0) else { throw Refusal(reason: "name contains a NUL") }
            if depth > 0 { bytes.append(Self.slash) }
            bytes.append(contentsOf: part)
            depth += 1
        }
        guard depth <= 1024 else { throw Refusal(reason: "nested too deeply") }
        self.bytes = bytes
    }

    package var isRoot: Bool { bytes.isEmpty }

    /// Where the last component begins.
    private var lastStart: Int { bytes.lastIndex(of: Self.slash).map { $0 + 1 } ?? 0 }

    /// The last component, with a NUL for system calls; empty for the root.
    var last: [CChar] { Self.terminated(bytes[lastStart...]) }

    var parent: EntryPath {
        EntryPath(known: Array(bytes[..<max(0, lastStart - 1)]))
    }

    /// Each with a NUL.
    var components: [[CChar]] {
        bytes.split(separator: Self.slash).map { Self.terminated($0) }
    }

    /// `component` ends with a NUL.
    func appending(_ component: [CChar]) -> EntryPath {
        let last = component.dropLast().map { UInt8(bitPattern: $0) }
        return EntryPath(known: isRoot ? last : bytes + [Self.slash] + last)
    }

    /// Relative to the layer's root.
    package var filePath: FilePath { FilePath(platformString: Self.terminated(bytes[...])) }

    private static func terminated(_ bytes: ArraySlice<UInt8>) -> [CChar] {
        var result: [CChar] = []
        result.reserveCapacity(bytes.count + 1)
        for byte in bytes { result.append(CChar(bitPattern: byte)) }
        result.append(0)
        return result
    }
}

extension EntryPath: CustomStringConvertible {
    /// For people; bytes that are not text are replaced.
    package var description: String {
        isRoot ? "/" : printable(bytes)
    }
}

/// A name as it may be shown: no control characters reach a terminal.
func printable(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self).unicodeScalars.map { scalar in
        scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
            ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }.joined()
}
