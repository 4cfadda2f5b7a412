import OrderedCollections

extension LoadedProject {
    /// An entry of a field `x-…` that another part of the program reads: its value, and where it is.
    package struct ExtensionEntry: Hashable, Sendable {
        /// The key below the field.
        package var key: String
        /// Of `problem(_:at:hint:)`.
        package var path: String
        /// Booleans are texts, too, and a text is a list of one.
        package var value: Value

        /// What such a field may hold.
        package enum Value: Hashable, Sendable {
            case texts([String])
            case flag(Bool)
            case map([String: String])
            /// Nothing of these.
            case other
        }
    }

    /// The entries of the field at a path, `services.web.build.x-bake`, in the order of the file; nil
    /// where there is none, or it is no mapping.
    package func extensionEntries(at path: String) -> [ExtensionEntry]? {
        node(at: path)?.map?.map { key, node in
            ExtensionEntry(key: key, path: "\(path).\(key)", value: ExtensionEntry.Value(node))
        }
    }

    /// Whether the file has something at a path.
    package func has(_ path: String) -> Bool { node(at: path) != nil }
}

extension LoadedProject.ExtensionEntry.Value {
    fileprivate init(_ node: Node) {
        switch node.value {
        case .bool(let flag): self = .flag(flag)
        case .string(let text): self = .texts([text])
        case .list(let items):
            let texts = items.compactMap(Self.text)
            self = texts.count == items.count ? .texts(texts) : .other
        case .map(let entries):
            let texts = entries.compactMap { key, node in Self.text(node).map { (key, $0) } }
            self =
                texts.count == entries.count
                ? .map(Dictionary(texts) { $1 }) : .other
        case .null, .int, .float: self = Self.text(node).map { .texts([$0]) } ?? .other
        }
    }

    private static func text(_ node: Node) -> String? {
        switch node.value {
        case .string(let text): text
        case .int(let number): "\(number)"
        case .float(let number): "\(number)"
        case .bool(let flag): "\(flag)"
        case .null, .list, .map: nil
        }
    }
}
