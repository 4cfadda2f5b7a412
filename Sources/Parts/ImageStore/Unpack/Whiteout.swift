/// What an entry of a layer says about the layers below it. OCI image-spec, layer.md, "Whiteouts".
enum Whiteout: Equatable {
    /// `.wh.NAME`: hides NAME; ends with a NUL.
    case one([CChar])
    /// `.wh..wh..opq`: hides everything in the directory.
    case everything
    /// AUFS' own notes (`.wh..wh.plnk`), which mean nothing here.
    case foreign

    private static let prefix = ".wh.".utf8.map { CChar(bitPattern: $0) }

    /// Nil when an entry is an ordinary one.
    init?(_ path: EntryPath) throws(EntryPath.Refusal) {
        guard Self.mayBeWhiteout(path.bytes) else { return nil }
        let components = path.components
        for folder in components.dropLast() where folder.starts(with: Self.prefix) {
            guard folder.dropFirst(Self.prefix.count).starts(with: Self.prefix) else {
                throw EntryPath.Refusal(reason: "a whiteout holds nothing")
            }
            self = .foreign
            return
        }
        guard let last = components.last, last.starts(with: Self.prefix) else { return nil }
        let hidden = Array(last.dropFirst(Self.prefix.count))
        let text = hidden.dropLast().map { UInt8(bitPattern: $0) }
        if text.elementsEqual(".wh..opq".utf8) {
            self = .everything
        } else if hidden.starts(with: Self.prefix) {
            self = .foreign
        } else if text.isEmpty || text.elementsEqual(".".utf8) || text.elementsEqual("..".utf8) {
            throw EntryPath.Refusal(reason: "a whiteout of nothing")
        } else {
            self = .one(hidden)
        }
    }

    /// Whether a component begins with `.w`: most paths are ruled out by a glance.
    private static func mayBeWhiteout(_ bytes: [UInt8]) -> Bool {
        var isStart = true
        for (index, byte) in bytes.enumerated() {
            if isStart, byte == UInt8(ascii: "."), index + 1 < bytes.count,
                bytes[index + 1] == UInt8(ascii: "w")
            {
                return true
            }
            isStart = byte == UInt8(ascii: "/")
        }
        return false
    }
}
