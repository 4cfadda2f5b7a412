/// What a load notes down when its values are to be explained: every tree that went into the
/// project, oldest first, and where variables have their values from. Trees share their storage
/// with those of the load, so that noting one down copies nothing.
struct Provenance: Sendable {
    /// One tree that went into the project, rooted like the project.
    struct Layer: Sendable {
        enum Kind: Hashable, Sendable {
            /// A file that the project is made of; false for the first.
            case file(isOverride: Bool)
            /// A later document of the same file.
            case document
            case included
            case extended(service: String)
            case envFile
            case labelFile
        }

        var kind: Kind
        var tree: Node
        /// The places that led here, nearest first.
        var route: [Mark]
        /// What its templates were filled from.
        var environment: [String: String]
        var origins: [String: Mark]
    }

    /// What the project's name is from.
    enum NameSource: Sendable {
        case flag, variable, fileOrFolder
    }

    /// A variable of an env file.
    struct Definition: Sendable {
        var name: String
        var value: String
        var mark: Mark
    }

    /// What is known for interpolation, in one part of the load.
    struct Scope: Sendable {
        /// Where the env files define the variables that are known, by name; others are the
        /// shell's.
        var origins: [String: Mark] = [:]
        /// Every definition, weakest first.
        var definitions: [Definition] = []
    }

    private(set) var layers: [Layer] = []
    /// Env files and label files, which every compose file beats.
    private(set) var folded: [Layer] = []
    /// Variables that are known for interpolation.
    private(set) var scope = Scope()
    /// Texts of env files as written, where they have variables in them.
    private(set) var templates: [Mark: String] = [:]
    /// Variables that an env file names without a value.
    private(set) var inherited: Set<Mark> = []
    /// Definitions of the env files read last, which nobody has claimed yet.
    private var pending: [Definition] = []
    /// Where files are included.
    private(set) var includePlaces: Set<Mark> = []
    /// What names the project.
    var name = NameSource.fileOrFolder
    /// Documents as parsed, once all have been.
    var documents: [Node] = []

    /// How many layers there are: where those of the next document begin.
    var mark: Int { layers.count }

    mutating func add(_ layer: Layer, includedAt places: [Mark]) {
        layers.append(layer)
        includePlaces.formUnion(places)
    }

    /// Puts layers beneath those noted down since `start`.
    mutating func insert(_ beneath: [Layer], at start: Int) {
        layers.insert(contentsOf: beneath, at: start)
    }

    mutating func addFolded(_ layer: Layer) { folded.append(layer) }

    /// Takes what an env file defines.
    /// `values` holds what its variables are.
    mutating func read(
        _ events: [EnvFileParser.Event],
        _ values: [String: String],
        in bytes: [UInt8],
        file: Mark
    ) {
        var places = OffsetPlaces(bytes)
        var template: String?
        for event in events {
            switch event {
            case .template(let text): template = text
            case .defined(let name, let offset, let isInherited):
                let place = places.place(of: offset)
                let mark = Mark(
                    file: file.file,
                    line: UInt32(place.line),
                    column: UInt32(place.column)
                )
                pending.append(Definition(name: name, value: values[name] ?? "", mark: mark))
                if let template { templates[mark] = template }
                if isInherited { inherited.insert(mark) }
                template = nil
            }
        }
    }

    /// Makes the definitions read known to what is loaded from now on. A later one of them beats
    /// an earlier one, what was known before beats them all.
    mutating func adopt() {
        let added = takePending()
        var found: [String: Mark] = [:]
        for definition in added { found[definition.name] = definition.mark }
        scope.origins.merge(found) { known, _ in known }
        scope.definitions.insert(contentsOf: added, at: 0)
    }

    /// Takes the definitions read for something else than interpolation.
    mutating func takePending() -> [Definition] {
        defer { pending = [] }
        return pending
    }

    /// Ends a part of the load that knew more than the rest.
    mutating func restore(_ scope: Scope) { self.scope = scope }
}

/// Lines and columns of ascending offsets, found in one pass.
private struct OffsetPlaces {
    private let bytes: [UInt8]
    private var offset = 0
    private var line = 1
    private var lineStart = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { (offset, lineStart) = (3, 3) }
    }

    mutating func place(of wanted: Int) -> (line: Int, column: Int) {
        while offset < min(wanted, bytes.count) {
            if bytes[offset] == UInt8(ascii: "\n") {
                line += 1
                lineStart = offset + 1
            }
            offset += 1
        }
        let before = bytes[lineStart..<max(lineStart, min(wanted, bytes.count))]
        return (line, String(decoding: before, as: UTF8.self).count + 1)
    }
}
