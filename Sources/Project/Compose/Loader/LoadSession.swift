import OrderedCollections

/// One load on its way: what has been read, and what was found wrong.
struct LoadSession {
    let files: any FileReader
    let options: LoadOptions
    let limits: LoadLimits
    var diagnostics: Diagnostics
    /// A file could not be read to its end: what is missing must not be told as wrong.
    private(set) var isBroken = false
    /// Absolute; known once the config files are.
    var projectDirectory = "/"
    /// The first of those is of somewhere else.
    var isRemote = false
    /// Artifacts of registries that are not here yet.
    var missingArtifacts: [String] = []
    /// Who says how the project is called.
    var nameSource = NameSource.folder
    /// Paths of the files that make the project, a later one over an earlier one.
    var mainFiles: [String] = []
    /// Documents as parsed, by path: a file may be asked for its name, for its content, and by
    /// every service that extends one of its.
    private(set) var parsed: [String: ParsedFile] = [:]
    /// Env files as read, by path.
    var envFiles: [String: (mark: Mark, bytes: [UInt8])] = [:]
    /// Default env files looked for already.
    var readDefaults: Set<String> = []
    /// A row of services that extend each other is too long: no more are resolved.
    var extendsTooMany = false
    /// Files that others extend, by the folder of their paths and by path.
    var extendedFiles: [String: Node] = [:]

    enum NameSource {
        /// `-p` or `COMPOSE_PROJECT_NAME`.
        case caller
        /// `name:`
        case file
        /// Nobody: it is the folder's name.
        case folder
        /// Nobody: it is the name of the folder that the user stands in, of a file from elsewhere.
        case artifact
    }

    struct ParsedFile {
        /// nil once they are taken.
        var documents: [Node]?
        /// Nodes of each document.
        var sizes: [Int]
        /// The file as a whole.
        var mark: Mark
    }

    init(files: any FileReader, options: LoadOptions, limits: LoadLimits) {
        self.files = files
        self.options = options
        self.limits = limits
        diagnostics = Diagnostics(budget: LoadBudget(limits))
        if options.purpose == .explain { diagnostics.provenance = Provenance() }
    }

    /// The documents of a file by absolute path, or `-` for standard input; nil when it cannot be
    /// read, which is then reported at `place`.
    mutating func parse(
        _ path: String,
        askedAt place: Mark,
        by kind: Problem.Waypoint.Kind = .included,
        path attribute: String? = nil
    ) -> ParsedFile? {
        if let known = parsed[path] { return known.documents == nil ? again(known, path) : known }
        let origin = place.line == 0 ? nil : Diagnostics.Origin(kind: kind, place: place)
        let bytes = during(.file) { $0.read(path, askedAt: place, path: attribute) }
        guard let bytes else { return nil }
        let mark = diagnostics.sources.add(
            name: displayName(of: path),
            bytes: bytes,
            origin: origin
        )
        return during(.syntax) { $0.parse(bytes, of: path, at: mark) }
    }

    /// The content of a compose file; nil where there is none, which is then reported.
    private mutating func read(
        _ path: String,
        askedAt place: Mark,
        path attribute: String?
    ) -> [UInt8]? {
        guard isRoomForFile(askedAt: place) else { return nil }
        do throws(FileReadError) {
            if files.kind(of: path) == .directory, path != "-" {
                throw FileReadError(reason: "is a directory")
            }
            return try files.read(path)
        } catch {
            diagnostics.problem("open \(path): \(error.reason)", at: place, path: attribute)
            return nil
        }
    }

    private mutating func parse(_ bytes: [UInt8], of path: String, at mark: Mark) -> ParsedFile {
        let documents = parseDocuments(bytes, file: mark, limits: limits, diagnostics: &diagnostics)
        if documents == nil { isBroken = true }
        let kept = documents.map { checked($0, mark) } ?? []
        let file = ParsedFile(documents: kept, sizes: kept.map(\.size), mark: mark)
        parsed[path] = file
        return file
    }

    /// The documents of a file, for its one user to change where they are: what others hold too
    /// would be copied. Only those of a project's one file are taken; a service of it may still
    /// extend one of the same file, by its name, which then is parsed a second time.
    mutating func takeDocuments(of path: String) -> [Node] {
        guard mainFiles == [path], options.purpose != .explain else {
            return parsed[path]?.documents ?? []
        }
        return parsed[path]?.documents.take() ?? []
    }

    /// A file whose documents were taken, parsed again. What is wrong with it has been told.
    private mutating func again(_ file: ParsedFile, _ path: String) -> ParsedFile {
        let told = diagnostics
        defer { diagnostics = told }
        let bytes = diagnostics.sources.bytes(of: file.mark)
        let documents = parseDocuments(
            bytes,
            file: file.mark,
            limits: limits,
            diagnostics: &diagnostics
        )
        var file = file
        file.documents = documents.map { checked($0, file.mark) } ?? []
        parsed[path] = file
        return file
    }

    /// Whether one more file may be read; reported where not.
    mutating func isRoomForFile(askedAt place: Mark) -> Bool {
        guard diagnostics.sources.count >= limits.files else { return true }
        diagnostics.problem("more than \(limits.files) files are involved", at: place)
        return false
    }

    /// The documents that are mappings; anything else is reported.
    private mutating func checked(_ documents: [Node], _ file: Mark) -> [Node] {
        let filled = documents.filter { !$0.isNull }
        for document in filled where document.map == nil {
            diagnostics.problem(
                "top-level object must be a mapping, not \(document.kindInWords)",
                at: document.mark
            )
        }
        for document in filled {
            guard let services = document["services"], let count = services.map?.count,
                count > limits.services
            else { continue }
            diagnostics.problem(
                "\(count) services in one file: no more than \(limits.services) are loaded",
                at: services.keyMark,
                path: "services"
            )
            isBroken = true
            return []
        }
        return filled.filter { $0.map != nil }
    }

    /// One of the files may say nothing, but not all of them.
    mutating func tellEmpty(_ files: [String]) {
        let mark = files.lazy.compactMap { [parsed] in parsed[$0]?.mark }.first
        diagnostics.problem("empty compose file", at: mark ?? .commandLine)
    }

    /// How messages name a file: relative to where the user stands, when it is beneath.
    func displayName(of path: String) -> String {
        if path == "-" { return "<stdin>" }
        let folder =
            options.workingDirectory.hasSuffix("/")
            ? options.workingDirectory : options.workingDirectory + "/"
        return path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path
    }

    func pathBase(_ directory: String) -> PathBase {
        let files = files
        return PathBase(
            directory: directory,
            home: options.environment["HOME"],
            homeOfUser: { files.homeDirectory(ofUser: $0) }
        )
    }
}
