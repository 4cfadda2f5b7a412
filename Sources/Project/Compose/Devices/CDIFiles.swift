import OrderedCollections

/// What the files of the Container Device Interface on this machine declare.
struct CDIFiles {
    /// A device of a file.
    struct Device {
        /// `containerEdits` of it; empty where it has none.
        var edits: Node?
        /// Those of the file as a whole, which each of its devices brings along.
        var common: Node?
        /// The file's path.
        var file: String
        /// Which of the folders has the file: a later one counts before an earlier one.
        var rank: Int
    }

    /// Where files were looked for.
    let folders: [String]
    private(set) var devices: [CDIName: Device] = [:]
    /// Devices that two files of one folder declare: neither counts. By the two files.
    private(set) var conflicts: [CDIName: [String]] = [:]
    /// Why files do not count, a sentence each: `/etc/cdi/a.yaml: it has no kind`.
    private(set) var faults: [String] = []

    /// Where the specification has them; `BERTH_CDI_DIRS` names others, colons between them.
    static func folders(_ environment: [String: String]) -> [String] {
        let named = environment["BERTH_CDI_DIRS"].flatMap { $0.isEmpty ? nil : $0 }
        return (named ?? "/etc/cdi:/var/run/cdi").split(separator: ":").map(String.init)
    }

    /// Reads all files of the folders: JSON is read as the YAML that it is.
    init(in folders: [String], _ files: any FileReader, limits: LoadLimits) {
        self.folders = folders
        for (rank, folder) in folders.enumerated() {
            for name in files.names(in: folder).sorted()
            where [".json", ".yaml", ".yml"].contains(where: name.hasSuffix) {
                let path = "\(folder)/\(name)"
                do throws(FileReadError) {
                    try add(Self.root(of: path, files, limits), path, rank)
                } catch {
                    faults.append("\(path): \(error.reason)")
                }
            }
        }
    }

    private static func root(
        of path: String,
        _ files: any FileReader,
        _ limits: LoadLimits
    ) throws(FileReadError) -> Node {
        let bytes = try files.read(path)
        var diagnostics = Diagnostics()
        let mark = diagnostics.sources.add(name: path, bytes: bytes, origin: nil)
        let documents = parseDocuments(
            bytes,
            file: mark,
            limits: limits,
            diagnostics: &diagnostics
        )
        guard let root = documents?.first, root.map != nil, diagnostics.problems.isEmpty else {
            let problem = diagnostics.problems.first
            let line = problem.map { "line \($0.position.line): \($0.message)" }
            throw FileReadError(reason: line ?? "it is not a mapping")
        }
        return root
    }

    private mutating func add(
        _ root: Node,
        _ path: String,
        _ rank: Int
    ) throws(FileReadError) {
        guard let kind = root["kind"]?.string, CDIName.isKind(kind) else {
            throw FileReadError(reason: "it has no kind, such as vendor.com/gpu")
        }
        for device in root["devices"]?.list ?? [] {
            guard let name = device["name"]?.string ?? device["name"]?.int.map(String.init),
                CDIName.isDevice(name)
            else { throw FileReadError(reason: "a device of it has no name") }
            let key = CDIName(kind: kind, device: name)
            if let other = devices[key], other.rank == rank {
                conflicts[key, default: [other.file]].append(path)
            } else {
                conflicts[key] = nil
            }
            devices[key] = Device(
                edits: device["containerEdits"],
                common: root["containerEdits"],
                file: path,
                rank: rank
            )
        }
    }

    /// Why there is no device of this name, and what to do.
    func remedy(for name: CDIName) -> String {
        if let files = conflicts[name] {
            return "it is declared by \(files.joined(separator: " and ")): remove one of them"
        }
        let others = devices.keys.filter { $0.kind == name.kind }.map(\.device).sorted()
        guard others.isEmpty else {
            let file = devices.first { $0.key.kind == name.kind }?.value.file ?? ""
            return "\(file) has \(others.joined(separator: ", "))"
        }
        let places = folders.joined(separator: " or ")
        let fault = faults.first.map { " (\($0))" } ?? ""
        return "no file in \(places) declares \(name.kind)\(fault): the vendor's tool writes one, "
            + "such as nvidia-ctk cdi generate"
    }
}
