import OCI

/// A COPY or an ADD with everything expanded.
struct ResolvedCopy: Sendable {
    /// As written, in order.
    var sources: [String]
    var files: [(name: String, content: [UInt8])]
    var destination: String
    var isFolderByName: Bool
    var mode: FileMode?
    var instruction: CopyInstruction
    var history: String
    /// Sources that are paths.
    private(set) var paths: [String] = []
    /// Sources that are addresses.
    private(set) var addresses: [String] = []
    /// Sources that are repositories of git.
    private(set) var repositories: [GitReference] = []
    private(set) var exclusions = IgnoreRules()

    init(
        sources: [String],
        files: [(name: String, content: [UInt8])],
        destination: String,
        isFolderByName: Bool,
        mode: FileMode?,
        instruction: CopyInstruction,
        history: String
    ) throws {
        self.sources = sources
        self.files = files
        self.destination = destination
        self.isFolderByName = isFolderByName
        self.mode = mode
        self.instruction = instruction
        self.history = history
        for pattern in instruction.exclusions where pattern.hasPrefix("!") {
            throw InstructionError("--exclude=\(pattern): it cannot take in again; leave out the !")
        }
        do throws(PathPatternError) {
            exclusions = try IgnoreRules(patterns: instruction.exclusions)
        } catch {
            throw InstructionError("--exclude: \(error)")
        }
        for source in sources {
            switch instruction.add == nil ? .path : SourceKind(source) {
            case .path: paths.append(source)
            case .address: addresses.append(source)
            case .repository: repositories.append(try repository(source))
            }
        }
        if let checksum = instruction.add?.checksum, repositories.isEmpty {
            try checkChecksum(checksum)
        }
        if instruction.add?.keepsGitFolder != nil, repositories.count < sources.count {
            throw InstructionError("keep-git-dir can't be specified for non-git sources")
        }
    }

    /// The repository that a source names, with what the flags say of it.
    private func repository(_ source: String) throws -> GitReference {
        do throws(GitReference.Invalid) {
            guard var reference = try GitReference(parsing: source) else {
                throw GitReference.Invalid(description: "\(source): not a repository of git")
            }
            if let keeps = instruction.add?.keepsGitFolder { reference.keepsGitFolder = keeps }
            if let checksum = instruction.add?.checksum {
                guard sources.count == 1 else {
                    throw GitReference.Invalid(
                        description: "checksum can't be specified for multiple sources"
                    )
                }
                try reference.demand(checksum)
            }
            return reference
        } catch {
            throw InstructionError(error.description)
        }
    }

    private func checkChecksum(_ text: String) throws {
        guard sources.count == 1 else {
            throw InstructionError("checksum can't be specified for multiple sources")
        }
        guard addresses.count == 1 else {
            throw InstructionError("checksum can't be specified for non-HTTP(S) sources")
        }
        guard Digest(text) != nil else {
            throw InstructionError("invalid checksum \(text); write sha256: and 64 digits")
        }
    }

    /// Stands for the layer: `ground` for what it is put upon, `content` for what is copied.
    func key(on ground: String, content: [String]) -> Digest {
        var key = KeyDigest("copy 2")
        key.add(ground)
        if content.count == 1 { key.add(content[0]) } else { key.add(content) }
        key.add(sources)
        key.add(destination)
        key.add(isFolderByName ? 1 : 0)
        key.add(instruction.owner ?? "")
        key.add(mode.map { "\($0.canonicalText)" } ?? "")
        key.add(UInt64(files.count))
        for file in files {
            key.add(file.name)
            key.add(file.content)
        }
        // What changes nothing of how the files go is left out: it shows in the content.
        if let add = instruction.add { key.add("add \(add.unpacks.map { "\($0)" } ?? "")") }
        if instruction.isLinked { key.add("link") }
        if instruction.keepsParents { key.add("parents") }
        if !instruction.exclusions.isEmpty { key.add(instruction.exclusions) }
        return key.finish()
    }
}

/// What a source of ADD or a context is.
package enum SourceKind: Equatable, Sendable {
    /// A path of the context.
    case path
    /// A file at an http or https address.
    case address
    /// A repository of git.
    case repository

    /// By the way it is written.
    package init(_ text: String) {
        let lower = text.lowercased()
        let isWeb = lower.hasPrefix("http://") || lower.hasPrefix("https://")
        if lower.hasPrefix("git://") || lower.hasPrefix("ssh://") || Self.isShortSSH(text) {
            self = .repository
        } else if isWeb {
            let path = lower.prefix { $0 != "#" && $0 != "?" }
            self = path.hasSuffix(".git") ? .repository : .address
        } else {
            self = .path
        }
    }

    /// `git@github.com:moby/buildkit.git`.
    private static func isShortSSH(_ text: String) -> Bool {
        guard let at = text.firstIndex(of: "@"), let colon = text[at...].firstIndex(of: ":") else {
            return false
        }
        let isName = { (character: Character) in
            character.isASCII
                && (character.isLetter || character.isNumber || "-_.".contains(character))
        }
        let (user, host) = (text[..<at], text[text.index(after: at)..<colon])
        return !user.isEmpty && user.allSatisfy(isName) && !host.isEmpty
            && host.allSatisfy(isName)
    }
}
