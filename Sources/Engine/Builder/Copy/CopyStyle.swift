import SystemPackage

/// Numbers of a user and a group.
struct FileOwner: Hashable, Sendable {
    var user: UInt32
    var group: UInt32

    static let root = FileOwner(user: 0, group: 0)
}

/// What a COPY does to the owners and modes of what it copies.
struct CopyStyle: Sendable {
    /// `--chown`; nil keeps the owners, or makes them 0:0 for the build context.
    var owner: FileOwner?
    /// Files of the build context belong to nobody in the image: they become root's.
    var comesFromContext: Bool
    /// `--chmod`.
    var mode: FileMode?

    func owner(_ facts: FileFacts) -> FileOwner {
        if let owner { return owner }
        return comesFromContext ? .root : FileOwner(user: facts.owner, group: facts.group)
    }

    func mode(_ facts: FileFacts) -> UInt32 {
        mode?.applied(to: facts.mode, isFolder: facts.kind == .folder) ?? facts.mode
    }
}

/// `--chmod`: an octal number, or a list of clauses as chmod(1) reads them.
enum FileMode: Hashable, Sendable {
    case octal(UInt32)
    case clauses([Clause])

    /// `ugo+rwX`.
    struct Clause: Hashable, Sendable {
        /// Bits of the classes named: 0o700, 0o070, 0o007.
        var classes: UInt32
        var operation: Character
        /// `r`, `w`, `x`, `X`, `s`, `t`.
        var permissions: Set<Character>
    }

    /// nil for anything that chmod(1) would refuse.
    init?(_ text: String) {
        if (3...4).contains(text.utf8.count), let number = UInt32(text, radix: 8),
            text.utf8.allSatisfy(ASCII.isDigit)
        {
            self = .octal(number)
            return
        }
        var clauses: [Clause] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let parsed = Self.clauses(of: part) else { return nil }
            clauses += parsed
        }
        guard !clauses.isEmpty else { return nil }
        self = .clauses(clauses)
    }

    /// The same for the same mode, for keys.
    var canonicalText: String {
        switch self {
        case .octal(let number): String(number, radix: 8)
        case .clauses(let clauses):
            clauses.map { clause in
                let permissions = String(clause.permissions.sorted())
                return "\(String(clause.classes, radix: 8))\(clause.operation)\(permissions)"
            }.joined(separator: ",")
        }
    }

    private static func clauses(of text: Substring) -> [Clause]? {
        let who = text.prefix { "ugoa".contains($0) }
        var classes: UInt32 = who.isEmpty || who.contains("a") ? 0o777 : 0
        if who.contains("u") { classes |= 0o700 }
        if who.contains("g") { classes |= 0o070 }
        if who.contains("o") { classes |= 0o007 }
        var rest = text.dropFirst(who.count)
        var clauses: [Clause] = []
        while let operation = rest.popFirst() {
            guard "+-=".contains(operation) else { return nil }
            let permissions = rest.prefix { "rwxXst".contains($0) }
            rest = rest.dropFirst(permissions.count)
            clauses.append(
                Clause(classes: classes, operation: operation, permissions: Set(permissions))
            )
        }
        return clauses.isEmpty ? nil : clauses
    }

    /// The mode that a file of mode `mode` gets.
    func applied(to mode: UInt32, isFolder: Bool) -> UInt32 {
        switch self {
        case .octal(let number): return number
        case .clauses(let clauses):
            return clauses.reduce(mode) { mode, clause in
                clause.applied(to: mode, isFolder: isFolder)
            }
        }
    }
}

extension FileMode.Clause {
    fileprivate func applied(to mode: UInt32, isFolder: Bool) -> UInt32 {
        var bits: UInt32 = 0
        if permissions.contains("r") { bits |= 0o444 & classes }
        if permissions.contains("w") { bits |= 0o222 & classes }
        let executable = isFolder || mode & 0o111 != 0
        if permissions.contains("x") || permissions.contains("X") && executable {
            bits |= 0o111 & classes
        }
        var special: UInt32 = 0
        if permissions.contains("s") {
            if classes & 0o700 != 0 { special |= 0o4000 }
            if classes & 0o070 != 0 { special |= 0o2000 }
        }
        if permissions.contains("t") { special |= 0o1000 }
        switch operation {
        case "+": return mode | bits | special
        case "-": return mode & ~(bits | special)
        default: return mode & ~classes | bits | special
        }
    }
}
