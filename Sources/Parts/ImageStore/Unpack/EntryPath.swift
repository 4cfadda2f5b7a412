package import SystemPackage

/// The name of an entry of a layer, taken apart. Names are bytes; none leaves the layer.
package struct EntryPath: Hashable, Sendable {
    /// Each ends with a NUL, ready for a system call; none is empty, `.` or `..`.
    package let components: [[CChar]]

    /// Why a name is refused.
    package struct Refusal: Error, Equatable {
        package var reason: String
    }

    package static let root = EntryPath(components: [])

    init(components: [[CChar]]) { self.components = components }

    /// Takes a name as it stands in the archive: `./usr/bin/`, `usr/bin`, `/usr/bin`.
    package init(_ name: some Collection<UInt8>) throws(Refusal) {
        guard !name.isEmpty else { throw Refusal(reason: "has no name") }
        guard name.count <= 4096 else { throw Refusal(reason: "name is longer than 4096 bytes") }
        var components: [[CChar]] = []
        for part in name.split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual([UInt8(ascii: ".")]) { continue }
            guard !part.elementsEqual("..".utf8) else {
                throw Refusal(reason: "\"..\" would leave the layer")
            }
            guard !part.contains(0) else { throw Refusal(reason: "name contains a NUL") }
            components.append(part.map { CChar(bitPattern: $0) } + [0])
        }
        guard components.count <= 1024 else { throw Refusal(reason: "nested too deeply") }
        self.components = components
    }

    package var isRoot: Bool { components.isEmpty }

    /// The last component, with its NUL; empty for the root.
    var last: [CChar] { components.last ?? [0] }

    var parent: EntryPath { EntryPath(components: Array(components.dropLast())) }

    func appending(_ component: [CChar]) -> EntryPath {
        EntryPath(components: components + [component])
    }

    func isBelow(_ other: EntryPath) -> Bool {
        components.count > other.components.count && components.starts(with: other.components)
    }

    /// Relative to the layer's root.
    package var filePath: FilePath { FilePath(platformString: joined + [0]) }

    private var joined: [CChar] {
        Array(
            components.map { $0.dropLast() }.joined(separator: [
                CChar(bitPattern: UInt8(ascii: "/"))
            ])
        )
    }

    /// The bytes, without a leading slash.
    package var bytes: [UInt8] { joined.map { UInt8(bitPattern: $0) } }
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
        scalar.value < 0x20 || scalar.value == 0x7f
            ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }.joined()
}
