/// A value as Go's templates see it: what JSON can say, kinds of nothing, and functions.
package indirect enum GoValue: Sendable {
    case nothing(Nothing)
    case bool(Bool)
    case integer(Int64)
    case float(Double)
    case string(String)
    case list([GoValue])
    case map(GoMap)
    /// A field that takes arguments, such as `.Label "name"`.
    case function(@Sendable ([GoValue]) throws -> GoValue)

    /// All of them are null in JSON; what they print as depends on the type that Go knows.
    package enum Nothing: Sendable {
        /// A map has no such entry, or an interface holds nothing: `<no value>`.
        case absent
        /// `[]`
        case list
        /// `map[]`
        case map
        /// A pointer to a struct that is not there: `<nil>`, and its fields are an error that names
        /// it, as docker's inspect has it.
        case pointer(String)
    }

    package static let null = GoValue.nothing(.absent)
}

/// Named values. JSON keeps their order; text and `range` sort them, as Go does.
package struct GoMap: Sendable {
    package private(set) var entries: [(key: String, value: GoValue)]
    /// What a field that is not there means.
    package var missing: Missing
    private let places: [String: Int]
    private let unwritten: [String: GoValue]

    /// What a field that is not there means.
    package enum Missing: Sendable {
        /// An ordinary map: `<no value>`, and nothing for `index`.
        case absent
        /// A map of strings: `<no value>`, and the empty string for `index`.
        case emptyString
        /// An error, as docker's inspect has it.
        case error
        /// The name in upper case, which stands above a column that has no other title.
        case title
        /// An error that names the type, as for the rows of docker's listings.
        case unknownField(of: String)
    }

    /// A later entry of the same name wins. `unwritten` are fields that templates find, and that
    /// neither JSON nor text shows: Go's `omitempty`.
    package init(
        _ entries: [(key: String, value: GoValue)],
        missing: Missing = .absent,
        unwritten: [(key: String, value: GoValue)] = []
    ) {
        var places: [String: Int] = [:]
        var kept: [(key: String, value: GoValue)] = []
        for entry in entries {
            if let place = places[entry.key] {
                kept[place].value = entry.value
            } else {
                places[entry.key] = kept.count
                kept.append(entry)
            }
        }
        self.entries = kept
        self.places = places
        self.missing = missing
        self.unwritten = Dictionary(unwritten.map { ($0.key, $0.value) }) { $1 }
    }

    /// The value of a key of a map; nil for an unknown key and for anything that is not a map.
    package subscript(key: String) -> GoValue? {
        places[key].map { entries[$0].value } ?? unwritten[key]
    }

    /// It stands for a Go struct, which text shows as its values alone.
    var isStruct: Bool {
        if case .unknownField = missing { true } else { false }
    }

    /// In the order of the keys' bytes.
    package var sorted: [(key: String, value: GoValue)] {
        entries.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }
}

extension GoValue {
    /// A map of strings, as labels are.
    package static func strings(_ values: [String: String]) -> GoValue {
        .map(
            GoMap(
                values.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) },
                missing: .emptyString
            )
        )
    }

    /// A list of strings.
    package static func strings(_ values: [String]) -> GoValue { .list(values.map { .string($0) }) }

    /// Go's truth: not false, not zero, not empty.
    package var isTrue: Bool {
        switch self {
        case .nothing: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .float(let value): value != 0
        case .string(let value): !value.isEmpty
        case .list(let values): !values.isEmpty
        case .map(let map): !map.entries.isEmpty
        case .function: true
        }
    }

    /// The type as Go's messages name it.
    var typeName: String {
        switch self {
        case .nothing(.absent), .nothing(.pointer): "<nil>"
        case .nothing(.list), .list: "[]interface {}"
        case .nothing(.map): "map[string]interface {}"
        case .bool: "bool"
        case .integer: "int"
        case .float: "float64"
        case .string: "string"
        case .map(let map):
            switch map.missing {
            case .emptyString: "map[string]string"
            case .unknownField(let type): type
            case .absent, .error, .title: "map[string]interface {}"
            }
        case .function: "func"
        }
    }
}
