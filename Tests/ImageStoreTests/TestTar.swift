/// A small writer of tars that may be as wrong as a test wants them; the program's own writer only
/// makes good ones.
struct TestTar {
    private(set) var bytes: [UInt8] = []

    struct Entry {
        var name: [UInt8]
        var type: Character
        var mode = 0o644
        var owner = 0
        var group = 0
        var modified = 1_700_000_000
        var content: [UInt8] = []
        var target: [UInt8] = []
        var device = (major: 0, minor: 0)
        /// What the header says; the content's own size when nil.
        var size: Int?
        var pax: [(key: String, value: [UInt8])] = []
        /// The name goes into a GNU `L` entry in front.
        var isGNU = false
        /// Bytes that stand in the header whatever the rest says.
        var patches: [(offset: Int, bytes: [UInt8])] = []
        /// How wrong the checksum is.
        var checksumError = 0
    }

    mutating func add(_ entry: Entry) {
        if !entry.pax.isEmpty {
            let records = entry.pax.flatMap { Self.record($0.key, $0.value) }
            header(Entry(name: Array("pax".utf8), type: "x", content: records))
            content(records)
        }
        if entry.isGNU {
            let name = entry.name + [0]
            header(Entry(name: Array("././@LongLink".utf8), type: "L", content: name))
            content(name)
        }
        header(entry)
        content(entry.content)
    }

    mutating func file(_ name: String, _ content: String = "", mode: Int = 0o644) {
        add(Entry(name: Array(name.utf8), type: "0", mode: mode, content: Array(content.utf8)))
    }

    mutating func folder(_ name: String, mode: Int = 0o755) {
        add(Entry(name: Array("\(name)/".utf8), type: "5", mode: mode))
    }

    mutating func link(_ name: String, to target: String) {
        add(Entry(name: Array(name.utf8), type: "2", mode: 0o777, target: Array(target.utf8)))
    }

    mutating func hardLink(_ name: String, to target: String) {
        add(Entry(name: Array(name.utf8), type: "1", target: Array(target.utf8)))
    }

    /// Bytes of no particular kind.
    mutating func raw(_ more: [UInt8]) { bytes += more }

    /// With the two empty blocks that end a tar.
    var finished: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

    init(_ body: (inout TestTar) -> Void = { _ in }) { body(&self) }

    private mutating func content(_ content: [UInt8]) {
        bytes += content
        bytes += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    private mutating func header(_ entry: Entry) {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: some Sequence<UInt8>, at offset: Int) {
            for (index, byte) in text.enumerated() { block[offset + index] = byte }
        }
        func octal(_ value: Int, _ digits: Int, at offset: Int) {
            let text = String(value, radix: 8)
            put((String(repeating: "0", count: digits - text.count) + text).utf8, at: offset)
        }
        put(entry.name.prefix(100), at: 0)
        octal(entry.mode, 7, at: 100)
        octal(entry.owner & 0o7777777, 7, at: 108)
        octal(entry.group & 0o7777777, 7, at: 116)
        octal(entry.size ?? entry.content.count, 11, at: 124)
        octal(entry.modified, 11, at: 136)
        block[156] = entry.type.asciiValue ?? 0
        put(entry.target.prefix(100), at: 157)
        put("ustar".utf8, at: 257)
        put("00".utf8, at: 263)
        octal(entry.device.major, 7, at: 329)
        octal(entry.device.minor, 7, at: 337)
        for patch in entry.patches { put(patch.bytes, at: patch.offset) }
        put(repeatElement(0x20, count: 8), at: 148)
        octal(block.reduce(0) { $0 + Int($1) } + entry.checksumError, 6, at: 148)
        block[154] = 0
        bytes += block
    }

    static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
        let rest = 3 + key.utf8.count + value.count
        var length = rest + 1
        while "\(length)".utf8.count + rest != length { length = "\(length)".utf8.count + rest }
        return Array("\(length) \(key)=".utf8) + value + [0x0a]
    }
}
