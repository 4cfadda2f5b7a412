import Engine
import Linux
import SystemPackage

/// The names that the one builder has: `default`, and those that `builder create` gave it, so that
/// scripts which make a builder before they build find it again.
struct BuilderNames: Equatable {
    static let own = "default"

    /// Without `own`, in the order in which they were made.
    private(set) var given: [String] = []
    private(set) var current = Self.own

    var all: [String] { [Self.own] + given }

    init() {}

    /// `<root>/build/builders`: the current one, then the others, a line each.
    init(of layout: Layout) {
        // Without the file there is the builder's own name.
        guard let bytes = try? readFile(Self.file(layout), limit: 1 << 16) else { return }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        given = Array(lines.dropFirst())
        if let first = lines.first, all.contains(first) { current = first }
    }

    func save(to layout: Layout) throws {
        try makeDirectories(layout.buildCache)
        let text = ([current] + given).map { $0 + "\n" }.joined()
        try atomicWrite(Array(text.utf8), to: Self.file(layout), synced: false)
    }

    /// Gives the builder a name more; one that it has stays.
    mutating func add(_ name: String) throws {
        let isFine =
            name.first.map { $0.isASCII && $0.isLetter } == true
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
        guard isFine else {
            throw Failure(
                "invalid instance name: \(name), name needs to start with a letter and may not "
                    + "contain symbols, except ._-"
            )
        }
        if !all.contains(name) { given.append(name) }
    }

    mutating func use(_ name: String) throws {
        try check(name)
        current = name
    }

    mutating func remove(_ name: String) throws {
        try check(name)
        guard name != Self.own else {
            throw Failure("failed to remove default: it is berth's own builder, which stays")
        }
        given.removeAll { $0 == name }
        if current == name { current = Self.own }
    }

    /// - Throws: `Failure` for a name that the builder does not have.
    func check(_ name: String) throws {
        guard all.contains(name) else {
            throw Failure(
                "no builder \"\(name)\" found: berth has one builder, default; "
                    + "`berth builder create --name \(name)` gives it another name"
            )
        }
    }

    private static func file(_ layout: Layout) -> FilePath {
        layout.buildCache.appending("builders")
    }
}
