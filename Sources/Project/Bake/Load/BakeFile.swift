import Compose

/// A bake file as it is read.
package struct BakeFile: Sendable {
    /// How a file is written.
    package enum Syntax: Sendable {
        case hcl, json
        /// A compose file: its services are targets.
        case compose
    }

    /// As messages call it.
    package var name: String
    /// All of it.
    package var bytes: [UInt8]
    /// How it is read.
    package var syntax: Syntax

    /// Larger ones were not written by hand.
    package static let limit = 4 << 20

    /// Takes what the name says, and for other names what the text looks like.
    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
        syntax =
            if name.hasSuffix(".hcl") {
                .hcl
            } else if name.hasSuffix(".json") {
                .json
            } else if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
                .compose
            } else if bytes.first(where: { $0 > 32 }) == UInt8(ascii: "{") {
                .json
            } else {
                Self.namesServices(bytes) ? .compose : .hcl
            }
    }

    /// The names that are looked for where no file is named, in the order of reading.
    package static let usualNames =
        ComposeFileNames.usual + [
            "docker-bake.json", "docker-bake.hcl", "docker-bake.override.json",
            "docker-bake.override.hcl",
        ]

    private static func namesServices(_ bytes: [UInt8]) -> Bool {
        let key = Array("services:".utf8)
        return bytes.starts(with: key)
            || bytes.indices.contains { index in
                bytes[index] == 10 && bytes[(index + 1)...].starts(with: key)
            }
    }

    /// How many bytes are UTF-8 before the first one that is not.
    private static func lengthOfText(_ bytes: [UInt8]) -> Int {
        var parser = Unicode.UTF8.ForwardParser()
        var input = bytes.makeIterator()
        var length = 0
        while case .valid(let scalar) = parser.parseScalar(from: &input) { length += scalar.count }
        return length
    }

    func parse(number: Int) throws(BakeFault) -> HCLBody {
        guard bytes.count <= Self.limit else {
            throw BakeFault(BakePlace(file: number), "the file is larger than 4 MiB")
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw BakeFault(
                BakePlace(file: number, offset: Self.lengthOfText(bytes)),
                "this byte is not UTF-8",
                hint: "save the file as UTF-8"
            )
        }
        var parser = HCLParser(bytes, file: number)
        guard syntax == .json else { return try parser.document() }
        return try parser.jsonFile(blocks: ["target", "group", "variable", "function"])
    }
}
