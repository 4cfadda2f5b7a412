import CLinux

/// Lays out a `keeper_spec` and what it points to as one run of bytes.
struct SpecBuilder {
    var fields: keeper_spec = {
        var fields = keeper_spec()
        // The host's users, and nobody's namespaces.
        fields.user_namespace = -1
        fields.birth_network = -1
        fields.birth_names = -1
        return fields
    }()
    private var bytes = [UInt8](repeating: 0, count: MemoryLayout<keeper_spec>.size)
    private(set) var holdsNUL = false

    /// The offset of a string; nil is none.
    mutating func text(_ string: String?) -> keeper_text {
        guard var string else { return 0 }
        let offset = bytes.count
        string.withUTF8 { text in
            if text.contains(0) { holdsNUL = true }
            bytes.append(contentsOf: text)
        }
        bytes.append(0)
        return keeper_text(offset)
    }

    mutating func texts(_ strings: [String]) -> keeper_list {
        let offsets = strings.map { text($0) }
        return list(offsets)
    }

    mutating func pairs(_ pairs: [(String, String?)]) -> keeper_list {
        let elements = pairs.map { keeper_pair(key: text($0.0), value: text($0.1)) }
        return list(elements)
    }

    /// Says what the program's streams are.
    mutating func set(_ streams: Streams, size: TerminalSize?) {
        var flags = 0
        if streams.isTerminal { flags |= KEEPER_TERMINAL }
        if streams.input != .none { flags |= KEEPER_INPUT }
        if streams.input == .once { flags |= KEEPER_INPUT_ONCE }
        fields.flags |= UInt32(flags)
        if let size { fields.window = keeper_window(rows: size.rows, columns: size.columns) }
    }

    /// `Element` is one of the structures of keeper_spec.h or an integer: plain bytes.
    mutating func list<Element: BitwiseCopyable>(_ elements: [Element]) -> keeper_list {
        while bytes.count % 8 != 0 { bytes.append(0) }
        let offset = bytes.count
        elements.withUnsafeBytes { bytes += $0 }
        return keeper_list(offset: UInt32(offset), count: UInt32(elements.count))
    }

    /// The whole, ready to be sealed.
    consuming func finish() -> [UInt8] {
        fields.version = keeper_version
        fields.size = UInt32(bytes.count)
        withUnsafeBytes(of: fields) { bytes.replaceSubrange(0..<$0.count, with: $0) }
        return bytes
    }
}
