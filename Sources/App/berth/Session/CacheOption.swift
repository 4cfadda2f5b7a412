import Engine
import OCI
import SystemPackage

/// One `--cache-from` or `--cache-to`, with buildx's words.
struct CacheOption: Sendable, Equatable {
    /// nil is the image itself (`type=inline`).
    var place: CachePlace?
    /// `mode=max`: the steps of all stages.
    var isWhole = false
    /// `ignore-error=true`: a cache that cannot be written does not fail the build.
    var ignoresErrors = false

    /// `type=local,src=DIR`, `type=registry,ref=NAME`, `NAME`.
    static func source(_ text: String) throws -> CacheOption {
        var fields = try Fields(text, flag: "--cache-from")
        let option: CacheOption
        switch fields.type {
        case "registry":
            option = CacheOption(place: .registry(try fields.reference()))
        case "local":
            let folder = try fields.folder("src")
            let digest = fields.take("digest")
            let tag = fields.take("tag") ?? "latest"
            option = CacheOption(place: .folder(folder, tag: digest ?? tag))
        default: throw fields.unknownType
        }
        try fields.checkRest()
        return option
    }

    /// `type=local,dest=DIR`, `type=registry,ref=NAME`, `type=inline`.
    static func destination(_ text: String) throws -> CacheOption {
        var fields = try Fields(text, flag: "--cache-to")
        var option: CacheOption
        switch fields.type {
        case "registry": option = CacheOption(place: .registry(try fields.reference()))
        case "local":
            let folder = try fields.folder("dest")
            option = CacheOption(place: .folder(folder, tag: fields.take("tag") ?? "latest"))
        case "inline": option = CacheOption(place: nil)
        default: throw fields.unknownType
        }
        switch fields.take("mode") {
        case nil, "min": break
        case "max":
            guard option.place != nil else {
                throw Failure("--cache-to \(text): an image has its own steps only; write mode=min")
            }
            option.isWhole = true
        case let other?: throw Failure("--cache-to \(text): mode=\(other): it can be min or max")
        }
        option.ignoresErrors = try fields.flag("ignore-error") ?? false
        // What berth writes is so in any case.
        for (name, wanted) in [("oci-mediatypes", true), ("image-manifest", true)] {
            if let value = try fields.flag(name), value != wanted {
                throw Failure(
                    "--cache-to \(text): \(name)=\(value) is not carried out; leave it out"
                )
            }
        }
        if let compression = fields.take("compression"), compression != "gzip" {
            throw Failure(
                "--cache-to \(text): compression=\(compression): layers are written as gzip"
            )
        }
        try fields.checkRest()
        return option
    }

    /// The parts of one.
    private struct Fields {
        let text: String
        let flag: String
        let type: String
        private var values: [String: String] = [:]

        /// Those of others' services, and why they are not here.
        private static let services: Set<String> = ["gha", "s3", "azblob"]

        init(_ text: String, flag: String) throws {
            self.text = text
            self.flag = flag
            guard text.contains("=") else {
                type = "registry"
                values = ["ref": text]
                return
            }
            for field in text.split(separator: ",") {
                guard let equals = field.firstIndex(of: "=") else {
                    throw Failure("\(flag) \(text): invalid value \(field)")
                }
                let key = field[..<equals].lowercased()
                values[key] = String(field[field.index(after: equals)...])
            }
            guard let type = values.removeValue(forKey: "type") else {
                throw Failure(
                    "\(flag) \(text): type is required; write type=registry or type=local"
                )
            }
            self.type = type
        }

        mutating func take(_ key: String) -> String? { values.removeValue(forKey: key) }

        mutating func reference() throws -> ImageReference {
            guard let name = take("ref"), !name.isEmpty else {
                throw Failure("\(flag) \(text): ref is required; write ref=NAME[:TAG]")
            }
            return try ChangeOptions.reference(name).tagged
        }

        mutating func folder(_ key: String) throws -> FilePath {
            guard let path = take(key), !path.isEmpty else {
                throw Failure("\(flag) \(text): \(key) is required; write \(key)=FOLDER")
            }
            return try Machine.absolute(path)
        }

        mutating func flag(_ key: String) throws -> Bool? {
            switch take(key)?.lowercased() {
            case nil: return nil
            case "true", "1": return true
            case "false", "0": return false
            case let other?: throw Failure("\(flag) \(text): \(key)=\(other): write true or false")
            }
        }

        var unknownType: Failure {
            guard Self.services.contains(type) else {
                return Failure(
                    "\(flag) \(text): unknown cache type \(type); it can be registry, local or inline"
                )
            }
            return Failure(
                "\(flag) \(text): the cache type \(type) is not supported: berth does not speak to that service; "
                    + "write type=registry,ref=NAME or type=local"
            )
        }

        func checkRest() throws {
            guard let other = values.keys.min() else { return }
            throw Failure("\(flag) \(text): \(other) is not supported; leave it out")
        }
    }
}

/// The caches that a build is to read and to fill.
struct CacheOptions: Sendable, Equatable {
    var sources: [CacheOption] = []
    var destinations: [CacheOption] = []

    init() {}

    /// Reads them as the command line and compose files write them.
    init(from: [String], to: [String]) throws {
        sources = try from.map { try CacheOption.source($0) }
        destinations = try to.map { try CacheOption.destination($0) }
    }

    /// Whether the image is to have its cache inside.
    var embeds: Bool { destinations.contains { $0.place == nil } }
}
