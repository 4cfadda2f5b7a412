/// One row of the table of everything the specification has: what it looks like, how it merges,
/// and whether the engine carries it out.
///
/// Tables are objects, so that handing a part of them to a phase is handing one reference.
final class Attribute: Sendable {
    let key: String
    let shape: Shape
    let merge: MergeRule
    let support: Support
    /// The values that are carried out, or that ask for what is done anyway, of an attribute whose
    /// other values are refused. Empty where the value makes no difference.
    let ordinary: [String]
    /// A false, zero or empty value is still said in the canonical form.
    let keepsEmpty: Bool
    /// What JSON says where there is no value.
    let alwaysInJSON: Absence?
    /// The value that is not said, because it is what an absent one means.
    let impliedValue: Bool?
    /// The key in JSON, where the reference spells it differently there.
    let jsonKey: String

    /// How JSON says that a value is absent.
    enum Absence: Sendable {
        case null, emptyMapping
    }

    init(
        _ key: String,
        _ shape: Shape,
        _ support: Support,
        merge: MergeRule = .standard,
        ordinary: [String] = [],
        keepsEmpty: Bool = false,
        alwaysInJSON: Absence? = nil,
        implied: Bool? = nil,
        jsonKey: String? = nil
    ) {
        self.jsonKey = jsonKey ?? key
        self.key = key
        self.shape = shape
        self.support = support
        self.merge = merge
        self.ordinary = ordinary
        self.keepsEmpty = keepsEmpty
        self.alwaysInJSON = alwaysInJSON
        impliedValue = implied
    }

    func isHidden(_ node: Node) -> Bool {
        impliedValue != nil && node.bool == impliedValue
    }
}

/// What becomes of an attribute when the project is run.
enum Support: Hashable, Sendable {
    /// The engine does what the specification says.
    case carriedOut
    /// There is nothing to do on one machine: loading it to run the project gives a note at its
    /// position, with the reason, and the parts of it are not looked at.
    case informational(String)
    /// It describes the project to people and tools, who read it in the canonical form; nothing
    /// else follows from it, here or with docker compose. The text says what it describes.
    case descriptive(String)
    /// The engine does not: loading it to run the project is an error at its position.
    case refused
    /// The engine does not, and cannot, for a reason; what to do instead, where that does not say it.
    case impossible(String, remedy: String? = nil)

    /// Whether a file that has the attribute is refused.
    var isRefusal: Bool {
        switch self {
        case .refused, .impossible: true
        case .carriedOut, .informational, .descriptive: false
        }
    }
}

/// How a later value of an attribute joins an earlier one. compose-spec "Merge".
enum MergeRule: Hashable, Sendable {
    /// Mappings entry by entry, lists appended, scalars replaced; null keeps the earlier value.
    case standard
    case replace
    /// Replaced, by null too: an entry under `entries`.
    case override
    /// Entry by entry; null is a value.
    case entries
    /// Appended, then one element for each key: the later one, at the earlier one's place.
    case unique(UniqueKey)
    /// Elements that are not there yet are appended.
    case appendMissing
    /// Appended; an element that is there already is a mistake. JSON schema "uniqueItems".
    case distinct
    /// Replaced when both name a driver and the names differ, else like `standard`.
    case logging

    /// Whether a list by this rule holds each element once. Others hold what is written in them: an
    /// argument or a word of a command may well come twice.
    var makesUnique: Bool {
        switch self {
        case .unique, .appendMissing: true
        case .standard, .replace, .override, .entries, .logging, .distinct: false
        }
    }

    /// By what two elements of a list are the same.
    enum UniqueKey: Hashable, Sendable {
        case text
        /// The text before the first `=`.
        case keyOfPair
        /// `host_ip:published:target/protocol`
        case port
        /// `target`, or the default for a source under this folder.
        case target(folder: String?)
        case path
        case subnet
    }
}

/// The fixed keys of a mapping, in the order of the canonical form.
final class Fields: Sendable {
    let attributes: [Attribute]
    /// Places of the keys by their hash, -1 where there is none: every phase looks up the keys of
    /// the whole file, and a hash for keys that nobody hostile chooses costs little.
    private let slots: [Int16]
    /// Keys without which the mapping is wrong.
    let required: [String]
    /// Places of the attributes that JSON names even when they are absent.
    let saidInJSON: [Int]

    init(_ attributes: [Attribute], required: [String] = []) {
        self.attributes = attributes
        self.required = required
        saidInJSON = attributes.indices.filter { attributes[$0].alwaysInJSON != nil }
        var count = 4
        while count < 4 * attributes.count { count *= 2 }
        var slots = [Int16](repeating: -1, count: count)
        for (place, attribute) in attributes.enumerated() {
            var slot = Self.hash(attribute.key) % count
            while slots[slot] >= 0 { slot = (slot + 1) % count }
            slots[slot] = Int16(place)
        }
        self.slots = slots
    }

    subscript(key: String) -> Attribute? { place(of: key).map { attributes[$0] } }

    /// Place of a key in the canonical order; nil for one that is not fixed.
    func place(of key: String) -> Int? {
        // A power of two, so that a remainder is a few bits.
        let mask = slots.count - 1
        var slot = Self.hash(key) & mask
        while slots[slot] >= 0 {
            let place = Int(slots[slot])
            if attributes[place].key == key { return place }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private static func hash(_ key: String) -> Int {
        let bytes = key.utf8
        return Int(bytes.first ?? 0) * 31 + Int(bytes.last ?? 0) * 7 + bytes.count
    }

    var keys: [String] { attributes.map(\.key) }
}
