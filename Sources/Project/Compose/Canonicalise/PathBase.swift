/// What relative paths of a document are meant against.
struct PathBase: Sendable {
    /// Absolute, or relative to the project directory, or empty: paths stay as they are.
    let directory: String
    /// The caller's home directory, for `~`.
    let home: String?
    /// Home of another user, for `~name`.
    let homeOfUser: @Sendable (String) -> String?

    /// The path made absolute. One that is absolute stays as it is written, as in the reference;
    /// only what is made of a relative one is cleaned.
    func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : resolve(path)
    }

    /// The path made absolute and cleaned of `.`, `..` and doubled slashes.
    func resolve(_ path: String) -> String {
        guard !directory.isEmpty, !path.isEmpty else { return path }
        let expanded = expandingHome(path)
        if expanded.hasPrefix("/") { return Self.cleaned(expanded) }
        // Most relative paths begin so: without it nothing is left to clean.
        if expanded.hasPrefix("./") { return Self.cleaned(directory + expanded.dropFirst()) }
        return Self.cleaned(directory + "/" + expanded)
    }

    func expandingHome(_ path: String) -> String {
        guard path.hasPrefix("~") else { return path }
        let end = path.firstIndex(of: "/") ?? path.endIndex
        let user = path[path.index(after: path.startIndex)..<end]
        let home = user.isEmpty ? home : homeOfUser(String(user))
        return home.map { $0 + path[end...] } ?? path
    }

    /// Go's `path.Clean`: without looking at the file system.
    static func cleaned(_ path: String) -> String {
        if isClean(path) { return path }
        let isAbsolute = path.hasPrefix("/")
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !isAbsolute {
                parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        if isAbsolute { return "/" + joined }
        return joined.isEmpty ? "." : joined
    }

    /// An absolute path in which nothing is to be cleaned, as most are; false where that is not
    /// certain.
    private static func isClean(_ path: String) -> Bool {
        var path = path
        return path.withUTF8 { bytes in
            guard bytes.first == UInt8(ascii: "/"), bytes.count > 1, bytes.last != bytes.first
            else { return false }
            // A point behind a slash may begin the name of a hidden file, or be a part to remove.
            for index in 1..<bytes.count where bytes[index - 1] == UInt8(ascii: "/") {
                if bytes[index] == UInt8(ascii: "/") || bytes[index] == UInt8(ascii: ".") {
                    return false
                }
            }
            return true
        }
    }

    /// The folder a path is in.
    static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last part of a path.
    static func name(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? ""
    }

    /// A compose file that is not on this machine: a repository, an artifact of a registry.
    static func isRemoteFile(_ path: String) -> Bool {
        isRemote(path) || path.hasPrefix("oci:") || path.hasPrefix("git:")
    }

    /// A repository of git, as build contexts and compose files name it.
    static func isRepository(_ path: String) -> Bool {
        let lower = path.lowercased()
        let schemes = ["git@", "github.com/", "git://", "ssh://"]
        if schemes.contains(where: lower.hasPrefix) { return true }
        guard ["http://", "https://"].contains(where: lower.hasPrefix) else { return false }
        return lower.prefix { $0 != "#" && $0 != "?" }.hasSuffix(".git")
    }

    /// A repository or archive somewhere else rather than a folder of this machine.
    static func isRemote(_ path: String) -> Bool {
        path.contains("://") || path.hasPrefix("git@") || path.hasPrefix("github.com/")
    }
}
