import Compose

/// The text of one bake file. Places in it are offsets of bytes, which become lines and columns only
/// when somebody is to see them.
struct BakeSource: Sendable {
    let name: String
    let bytes: [UInt8]

    /// The line of a place and what a person needs to find it.
    func problem(_ fault: BakeFault) -> Problem {
        let offset = min(fault.place.offset, bytes.count)
        let before = bytes[..<offset]
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let end = bytes[offset...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let column = String(decoding: bytes[start..<offset], as: UTF8.self).count + 1
        var problem = Problem(
            position: Position(file: name, line: line, column: column),
            path: fault.path,
            message: fault.message,
            hint: fault.hint
        )
        let shown = bytes[start..<min(end, start + 4000)]
        problem.sourceLine = String(decoding: shown, as: UTF8.self)
        if problem.sourceLine?.hasSuffix("\r") == true { problem.sourceLine?.removeLast() }
        return problem
    }
}

/// A place in one of the files of a load.
struct BakePlace: Hashable, Sendable {
    /// Which file, in the order of reading.
    var file = 0
    /// In bytes from its beginning.
    var offset = 0
}

/// What is wrong at one place of a bake file.
struct BakeFault: Error, Hashable, Sendable {
    var place: BakePlace
    /// `target.app.args`; empty where nothing has a name yet.
    var path = ""
    var message: String
    var hint: String?

    init(_ place: BakePlace, _ message: String, hint: String? = nil) {
        self.place = place
        self.message = message
        self.hint = hint
    }

    /// The same with the name of what it is in, where it has none yet.
    func within(_ path: String) -> BakeFault {
        var fault = self
        if fault.path.isEmpty { fault.path = path }
        return fault
    }
}
