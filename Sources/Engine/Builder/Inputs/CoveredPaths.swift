import Synchronization

/// The parts of a context that a build reads: files, and folders with all that is in them.
package struct CoveredPaths: Hashable, Sendable {
    /// Relative to the context; an empty one is all of it.
    package private(set) var prefixes: Set<String>

    /// The whole context.
    package static let all = CoveredPaths([""])

    /// By what a COPY or a mount names, in any form.
    package init(_ sources: some Sequence<String>) {
        prefixes = Set(sources.map(Self.prefix))
        if prefixes.contains("") { prefixes = [""] }
    }

    /// As they were written down.
    init(literal prefixes: [String]) { self.prefixes = Set(prefixes) }

    /// A pattern may stand for anything in the folder before its first wildcard.
    private static func prefix(_ source: String) -> String {
        var names: [Substring] = []
        for name in PathText.clean("/" + source).split(separator: "/") where name != "." {
            if name.contains(where: "*?[\\".contains) { break }
            names.append(name)
        }
        return names.joined(separator: "/")
    }

    /// What either covers.
    package func union(_ other: CoveredPaths) -> CoveredPaths {
        CoveredPaths(literal: prefixes.union(other.prefixes).sorted())
    }

    /// Whether it is one of them or lies in one.
    func covers(_ path: String) -> Bool {
        prefixes.contains { $0.isEmpty || path == $0 || path.hasPrefix($0 + "/") }
    }

    /// Whether it is one of them, lies in one, or has one in it.
    func leads(to path: String) -> Bool {
        covers(path) || prefixes.contains { $0.hasPrefix(path + "/") }
    }
}

/// What steps have read of a context so far.
final class ReadPaths: Sendable {
    private let sources = Mutex<Set<String>>([])

    func note(_ paths: some Sequence<String>) {
        let paths = Array(paths)
        sources.withLock { $0.formUnion(paths) }
    }

    var covered: CoveredPaths { CoveredPaths(sources.withLock(\.self)) }
}
