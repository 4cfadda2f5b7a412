/// A repository of git as ADD and build contexts name it:
/// `https://host/path.git#ref:folder`, `git@host:path`, `ssh://…`, `git://…`, `github.com/owner/name`;
/// instead of the fragment, `?ref=`, `branch=`, `tag=`, `commit=`, `subdir=`, `submodules=`, `keep-git-dir=`.
package struct GitReference: Hashable, Sendable {
    /// What git is given: without fragment and query.
    package var remote: String
    /// A branch, tag or commit; nil is what the repository's HEAD says.
    package var reference: String?
    /// Relative to the repository's root; nil is the root.
    package var folder: String?
    /// What the commit's name must begin with.
    package var checksum: String?
    /// Whether submodules come along.
    package var takesSubmodules = true
    /// Whether `.git` stays.
    package var keepsGitFolder = false

    /// A reference to a repository that is not valid.
    package struct Invalid: Error, Equatable, CustomStringConvertible {
        package var description: String
    }

    /// nil for what names no repository.
    package init?(parsing text: String) throws(Invalid) {
        guard SourceKind(text) == .repository || text.hasPrefix("github.com/") else { return nil }
        let (base, fragment) = Self.cut(text, at: "#")
        let (remote, query) = Self.cut(base, at: "?")
        self.remote = remote.hasPrefix("github.com/") ? "https://\(remote)" : remote
        if let fragment {
            let (reference, folder) = Self.cut(fragment, at: ":")
            self.reference = reference.isEmpty ? nil : reference
            self.folder = folder
        }
        for part in (query ?? "").split(separator: "&") {
            let (key, value) = Self.cut(String(part), at: "=")
            try take(key, Self.decoded(value ?? ""))
        }
        folder = try Self.cleaned(folder, of: text)
        try check(text)
    }

    private static func cut(_ text: String, at mark: Character) -> (String, String?) {
        guard let index = text.firstIndex(of: mark) else { return (text, nil) }
        return (String(text[..<index]), String(text[text.index(after: index)...]))
    }

    private mutating func take(_ key: String, _ value: String) throws(Invalid) {
        switch key {
        case "ref", "branch", "tag":
            let prefix = ["branch": "refs/heads/", "tag": "refs/tags/"][key] ?? ""
            let wanted = value.hasPrefix(prefix) ? value : prefix + value
            guard reference == nil || reference == wanted else {
                throw Invalid(
                    description: "\(conflict(key)): "
                        + "\(reference ?? "") and \(wanted); name one of them"
                )
            }
            reference = wanted
        case "commit", "checksum":
            guard checksum == nil || checksum == value else {
                throw Invalid(description: "\(key) conflicts: \(checksum ?? "") and \(value)")
            }
            checksum = value
        case "subdir":
            guard folder == nil || folder == value else {
                throw Invalid(description: "subdir conflicts: \(folder ?? "") and \(value)")
            }
            folder = value
        case "submodules": takesSubmodules = try Self.boolean(key, value)
        case "keep-git-dir": keepsGitFolder = try Self.boolean(key, value)
        // A commit is asked for by its name here in any case.
        case "fetch-by-commit": _ = try Self.boolean(key, value)
        default:
            throw Invalid(
                description: "unexpected query \"\(key)\"; known are ref, branch, tag, commit, "
                    + "subdir, submodules and keep-git-dir"
            )
        }
    }

    /// In BuildKit's words.
    private func conflict(_ key: String) -> String {
        if reference?.hasPrefix("refs/tags/") == true { return "\(key) conflicts with tag" }
        if reference?.hasPrefix("refs/heads/") == true { return "\(key) conflicts with branch" }
        return "ref conflicts with \(key)"
    }

    private static func boolean(_ key: String, _ value: String) throws(Invalid) -> Bool {
        if value.isEmpty { return true }
        guard let answer = InstructionFlags.boolean(value) else {
            throw Invalid(description: "\(key)=\(value): write true or false")
        }
        return answer
    }

    /// A folder may not leave the repository; none of its links is followed later.
    private static func cleaned(_ folder: String?, of text: String) throws(Invalid) -> String? {
        guard let folder else { return nil }
        let parts = folder.split(separator: "/").filter { $0 != "." }
        guard !parts.contains("..") else {
            throw Invalid(description: "\(text): the folder \(folder) leaves the repository")
        }
        return parts.isEmpty ? nil : parts.joined(separator: "/")
    }

    /// Nothing of it may be an option of git or of ssh, and nothing can end a line.
    private mutating func check(_ text: String) throws(Invalid) {
        guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F }) else {
            throw Invalid(description: "the address of a repository has no blanks")
        }
        let authority =
            remote.split(separator: "/", omittingEmptySubsequences: true)
            .dropFirst(remote.contains("://") ? 1 : 0).first ?? ""
        let host = authority.split(separator: "@").last ?? ""
        guard !host.hasPrefix("-"), !authority.hasPrefix("-"), !(reference ?? "").hasPrefix("-")
        else { throw Invalid(description: "\(text): a host or reference begins with no dash") }
        if let checksum { try demand(checksum) }
    }

    /// Demands a commit whose name begins so.
    mutating func demand(_ checksum: String) throws(Invalid) {
        guard (4...64).contains(checksum.utf8.count), checksum.utf8.allSatisfy(ASCII.isHex) else {
            throw Invalid(
                description: "invalid checksum \(checksum): write the first digits of a commit"
            )
        }
        self.checksum = checksum
    }

    private static func decoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The remote with its fragment; a password in it is not shown.
    package var shown: String {
        var text = remote
        for scheme in ["https://", "http://", "ssh://", "git://"] where text.hasPrefix(scheme) {
            let authority = text.dropFirst(scheme.count).prefix { $0 != "/" }
            guard let at = authority.lastIndex(of: "@"),
                let colon = authority[..<at].firstIndex(of: ":")
            else { continue }
            text.replaceSubrange(text.index(after: colon)..<at, with: "xxxxx")
        }
        guard reference != nil || folder != nil else { return text }
        return text + "#" + (reference ?? "") + (folder.map { ":\($0)" } ?? "")
    }

    /// A whole commit's name, of SHA-1 or SHA-256.
    var commit: String? {
        guard let reference, [40, 64].contains(reference.utf8.count),
            reference.utf8.allSatisfy(ASCII.isHex)
        else { return nil }
        return reference.lowercased()
    }

    /// The host that credentials are for; nil for those of ssh.
    var webHost: String? {
        for scheme in ["https://", "http://"] where remote.lowercased().hasPrefix(scheme) {
            let authority = remote.dropFirst(scheme.count).prefix { $0 != "/" }
            return authority.split(separator: "@").last.map(String.init)
        }
        return nil
    }
}
