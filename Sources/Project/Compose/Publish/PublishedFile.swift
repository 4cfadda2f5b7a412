import OrderedCollections

/// A compose file as it is put into an artifact of a registry: as it was written, but for the names
/// of the files that go with it.
package struct PublishedFile: Sendable {
    /// What a file is that goes with another one.
    package enum Kind: Hashable, Sendable {
        /// `env_file` of a service.
        case environment
        /// `extends.file` of a service.
        case extended
    }

    /// Its content, with the new names.
    package private(set) var bytes: [UInt8]
    /// Absolute paths of what it names, each once, by kind.
    package private(set) var named: [Kind: [String]] = [:]
    /// Services that have env files.
    package private(set) var servicesWithFiles: Set<String> = []
    /// Every text that it has, with its place in it: `services.web.environment.COLOR`.
    package private(set) var texts: [(path: String, text: String)] = []

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: Absolute; its problems are told by it.
    ///   - folder: What the paths in it are relative to.
    ///   - environment: For the variables in those paths.
    ///   - files: Where it is read from.
    ///   - rename: The name that a file has beside this one, by its absolute path.
    /// - Throws: what is wrong with it, or cannot be published.
    package init(
        _ path: String,
        in folder: String,
        environment: [String: String],
        files: any FileReader = LocalFiles(),
        rename: (Kind, String) -> String
    ) throws(ComposeError) {
        var diagnostics = Diagnostics()
        do throws(FileReadError) { bytes = try files.read(path) } catch {
            diagnostics.problem("open \(path): \(error.reason)", at: .commandLine)
            throw ComposeError(problems: diagnostics.problems)
        }
        let file = diagnostics.sources.add(name: path, bytes: bytes)
        let documents =
            parseDocuments(bytes, file: file, limits: LoadLimits(), diagnostics: &diagnostics) ?? []
        let base = PathBase(
            directory: folder,
            home: environment["HOME"],
            homeOfUser: { files.homeDirectory(ofUser: $0) }
        )
        var changes: [Int: Change] = [:]
        for document in documents {
            Self.refuseIncludes(of: document, &diagnostics)
            collect(document, "")
            for mention in Self.mentions(in: document) {
                guard let path = Self.path(mention, base, environment),
                    mention.kind == .environment || !PathBase.isRemoteFile(path)
                else { continue }
                if mention.kind == .environment { servicesWithFiles.insert(mention.service) }
                if !named[mention.kind, default: []].contains(path) {
                    named[mention.kind, default: []].append(path)
                }
                if let change = Self.change(mention, to: rename(mention.kind, path), &diagnostics) {
                    changes[change.range.lowerBound] = change
                }
            }
        }
        guard diagnostics.problems.isEmpty else {
            throw ComposeError(problems: diagnostics.problems)
        }
        for change in changes.values.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
            bytes.replaceSubrange(change.range, with: change.text.utf8)
        }
    }

    private mutating func collect(_ node: Node, _ path: String) {
        switch node.value {
        case .string(let text): texts.append((path, text))
        case .list(let items):
            for (index, item) in items.enumerated() { collect(item, "\(path)[\(index)]") }
        case .map(let entries):
            for (key, entry) in entries { collect(entry, path.isEmpty ? key : "\(path).\(key)") }
        default: break
        }
    }
}

extension PublishedFile {
    /// A place that names a file.
    private struct Mention {
        var kind: Kind
        var service: String
        var node: Node
        var text: String
    }

    /// What is written instead.
    private struct Change {
        var range: Range<Int>
        var text: String
    }

    private static func refuseIncludes(of document: Node, _ diagnostics: inout Diagnostics) {
        for entry in document["include"]?.list ?? [] {
            let paths = entry.string.map { [$0] } ?? entry["path"]?.string.map { [$0] }
            for text in paths ?? entry["path"]?.strings ?? []
            where !PathBase.isRemoteFile(text) {
                diagnostics.problem(
                    "cannot publish compose file with local includes: \(text)",
                    at: entry.mark,
                    hint: "name it with -f instead, or publish it and include that",
                    path: "include"
                )
            }
        }
    }

    private static func mentions(in document: Node) -> [Mention] {
        (document["services"]?.map ?? [:]).flatMap { name, service -> [Mention] in
            var found: [Mention] = []
            func note(_ kind: Kind, _ node: Node?) {
                guard let node, let text = node.string else { return }
                found.append(Mention(kind: kind, service: name, node: node, text: text))
            }
            note(.extended, service["extends"]?["file"])
            let files = service["env_file"]
            for item in files?.list ?? [files].compactMap(\.self) {
                note(.environment, item["path"] ?? item)
            }
            return found
        }
    }

    /// nil for one whose variables are wrong, which the load of the project has told.
    private static func path(
        _ mention: Mention,
        _ base: PathBase,
        _ environment: [String: String]
    ) -> String? {
        let template = VariableTemplate(lookup: { environment[$0] }, unset: { _ in })
        // `try?`: told already.
        guard let text = try? template.evaluate(mention.text), !text.isEmpty else { return nil }
        return PathBase.isRemoteFile(text) ? text : base.resolve(text)
    }

    /// Where the text stands as it is, alone or in quotes.
    private static func change(
        _ mention: Mention,
        to name: String,
        _ diagnostics: inout Diagnostics
    ) -> Change? {
        let bytes = diagnostics.sources.bytes(of: mention.node.mark)
        if let start = diagnostics.sources.byte(of: mention.node.mark), start < bytes.count {
            let quotes: [UInt8] = [UInt8(ascii: "'"), UInt8(ascii: "\"")]
            let isQuoted = quotes.contains(bytes[start])
            let first = start + (isQuoted ? 1 : 0)
            let end = first + mention.text.utf8.count
            let isWhole = !isQuoted || (end < bytes.count && bytes[end] == bytes[start])
            if end <= bytes.count, isWhole, bytes[first..<end].elementsEqual(mention.text.utf8) {
                return Change(range: first..<end, text: name)
            }
        }
        diagnostics.problem(
            "the name of the file cannot be replaced by the one that it has in the artifact",
            at: mention.node.mark,
            hint: "write it there as it is, without an anchor or escapes",
            path: "services.\(mention.service)"
                + (mention.kind == .environment ? ".env_file" : ".extends.file")
        )
        return nil
    }
}
