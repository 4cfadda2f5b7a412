import Builder
import Glibc
import Linux

/// Where the result of a build goes: one `--output`, with buildx's words and rules.
struct BuildOutput: Equatable {
    /// What is made of the result.
    enum Kind: Equatable {
        /// An image of this machine.
        case image
        /// Its files in a folder.
        case folder
        /// Its files as a tar.
        case tar
        /// An image archive that is an OCI layout, or that docker reads too.
        case archive(isDockers: Bool)
        /// Nothing: the steps are carried out and remembered.
        case cacheOnly
    }

    var kind: Kind
    /// A path, or `-` for stdout; nil for what stays on this machine.
    var destination: String?
    /// `name`: those of an image besides those of `--tag`; an archive has them where there is no `--tag`.
    var names: [String] = []
    /// `push`
    var pushes = false
    /// `compression=gzip`: layers that were made here are compressed.
    var compresses = false
    /// `compression=uncompressed`, written out
    var keepsUncompressed = false
    /// `platform-split`: the files of each platform in a folder of their own; nil where it is not said.
    var splitsPlatforms: Bool?
    /// `annotation.KEY`, `annotation-manifest.KEY` and the others
    var annotations: [ImageAnnotations.Entry] = []
    /// `rewrite-timestamp`
    var rewritesTimes = false

    /// An image of this machine.
    static let image = BuildOutput(kind: .image)

    var isImage: Bool { kind == .image }
    /// Files and no image: it has no identifier.
    var isFiles: Bool { kind == .folder || kind == .tar }

    init(
        kind: Kind,
        destination: String? = nil,
        names: [String] = [],
        pushes: Bool = false
    ) {
        self.kind = kind
        self.destination = destination
        self.names = names
        self.pushes = pushes
    }

    /// `DIR`, `-`, or `type=…,dest=…,…`.
    init(parsing text: String) throws {
        if !text.contains(","), !text.hasPrefix("type=") {
            self.init(kind: text == "-" ? .tar : .folder, destination: text)
            return
        }
        var attributes: [String: String] = [:]
        for field in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let equals = field.firstIndex(of: "=") else {
                throw Failure("--output \(text): invalid value \(field)")
            }
            let key = field[..<equals].filter { $0 != " " }.lowercased()
            attributes[key] = String(field[field.index(after: equals)...])
        }
        guard let type = attributes.removeValue(forKey: "type") else {
            throw Failure("--output \(text): type is required for output")
        }
        try self.init(type: type, attributes)
    }

    private init(type: String, _ given: [String: String]) throws {
        var attributes = given
        self.init(kind: .folder, destination: attributes.removeValue(forKey: "dest"))
        switch type {
        case "local":
            guard let destination, !destination.isEmpty else {
                throw Failure("dest is required for local exporter")
            }
            guard destination != "-" else {
                throw Failure("dest cannot be stdout for local exporter")
            }
        case "tar": kind = .tar
        case "oci": kind = .archive(isDockers: false)
        case "docker":
            kind = destination == nil ? .image : .archive(isDockers: true)
        case "image": kind = .image
        case "registry": (kind, pushes) = (.image, true)
        case "cacheonly": kind = .cacheOnly
        default:
            throw Failure(
                "failed to solve: exporter \"\(type)\" could not be found; it can be local, tar, "
                    + "oci, docker, image, registry or cacheonly"
            )
        }
        try take(&attributes, of: type)
        if let other = attributes.keys.min() {
            throw Failure(
                "--output type=\(type): \(other) is not supported; leave it out"
            )
        }
        if [.tar, .archive(isDockers: false)].contains(kind), destination == nil {
            destination = "-"
        }
        if isImage || kind == .cacheOnly { destination = nil }
    }

    /// Takes the attributes that are carried out.
    private mutating func take(_ attributes: inout [String: String], of type: String) throws {
        func flag(_ name: String) throws -> Bool? {
            guard let text = attributes.removeValue(forKey: name) else { return nil }
            switch text.lowercased() {
            case "", "true", "1", "t": return true
            case "false", "0", "f": return false
            default: throw Failure("--output \(name)=\(text): write true or false")
            }
        }
        func need(_ name: String, _ wanted: Bool, _ reason: String) throws {
            guard let value = try flag(name), value != wanted else { return }
            throw Failure("--output \(name)=\(value): \(reason)")
        }
        if isFiles {
            splitsPlatforms = try flag("platform-split")
            return
        }
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
            guard let entry = try BuildAnnotations.entry(ofAttribute: name, value: value) else {
                continue
            }
            annotations.append(entry)
            attributes[name] = nil
        }
        rewritesTimes = try flag("rewrite-timestamp") ?? false
        guard kind != .cacheOnly else { return }
        names = (attributes.removeValue(forKey: "name") ?? "").split(separator: ",")
            .map(String.init)
        if isImage {
            pushes = try flag("push") ?? pushes
            try need("store", true, "an image is kept on this machine")
            try need("unpack", true, "layers are always unpacked here")
        }
        try need("oci-mediatypes", true, "what is built here has OCI's media types")
        if case .archive = kind {
            try need("tar", true, "an archive is a tar; unpack it for a folder")
        }
        switch attributes.removeValue(forKey: "compression") {
        case nil: break
        case "uncompressed": keepsUncompressed = true
        case "gzip": compresses = true
        case let other?:
            throw Failure(
                "--output compression=\(other): layers are written as gzip or uncompressed"
            )
        }
    }
}
