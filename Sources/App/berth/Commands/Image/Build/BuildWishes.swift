import ArgumentParser
import Builder
import OCI
import SystemPackage

/// Options of `image build` that say what is built.
struct BuildWishes: ParsableArguments {
    @Option(
        name: .customLong("build-arg"),
        parsing: .singleValue,
        help: ArgumentHelp("Set an ARG; NAME alone takes ours.", valueName: "name=value")
    )
    var buildArguments: [String] = []

    @Option(
        name: .customLong("build-context"),
        parsing: .singleValue,
        help: ArgumentHelp(
            "What FROM and COPY --from find by a name: a folder, an address, a repository of git, "
                + "docker-image://IMAGE, or oci-layout://FOLDER[:TAG|@DIGEST].",
            valueName: "name=value"
        )
    )
    var buildContexts: [String] = []

    @Option(help: ArgumentHelp("The stage to build; otherwise the last.", valueName: "stage"))
    var target: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Set a label of the image.", valueName: "name=value")
    )
    var label: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Annotate the image: manifest, manifest-descriptor, index or index-descriptor.",
            valueName: "[type:]name=value"
        )
    )
    var annotation: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "The platform to build for, ours is also local; several give an index.",
            valueName: "os/arch[/variant]"
        )
    )
    var platform: [String] = []

    @Flag(name: .customLong("no-cache"), help: "Carry out every step.")
    var noCache = false

    @Option(
        name: .customLong("no-cache-filter"),
        parsing: .singleValue,
        help: ArgumentHelp("Carry out every step of these stages.", valueName: "stage")
    )
    var noCacheFilter: [String] = []

    @Flag(help: "Say of each step why it was carried out or not.")
    var explain = false

    @Flag(help: "Pull the images that the Dockerfile builds upon, though they are here.")
    var pull = false

    @Option(
        name: .customLong("cache-from"),
        parsing: .singleValue,
        help: ArgumentHelp(
            "A cache that other builds have filled: an image or a cache in a registry, or "
                + "type=registry,ref= or type=local,src=; may be repeated.",
            valueName: "name|type=kind[,key=value]"
        )
    )
    var cacheFrom: [String] = []

    @Option(
        name: .customLong("cache-to"),
        parsing: .singleValue,
        help: ArgumentHelp(
            "A cache for other builds to read: type=registry,ref=, type=local,dest= or type=inline, with "
                + "mode=min|max, ignore-error=; may be repeated.",
            valueName: "name|type=kind[,key=value]"
        )
    )
    var cacheTo: [String] = []

    @OptionGroup var attestations: AttestationOptions

    /// The caches of the command line; `BUILDKIT_INLINE_CACHE=1` is `--cache-to type=inline`.
    func caches() throws -> CacheOptions {
        let isInline = buildArguments.contains("BUILDKIT_INLINE_CACHE=1")
        return try CacheOptions(from: cacheFrom, to: cacheTo + (isInline ? ["type=inline"] : []))
    }

    func apply(to request: inout BuildRequest) throws {
        let environment = Machine.environment()
        let usual = environment["DOCKER_DEFAULT_PLATFORM"].map { [$0] } ?? []
        let platforms = try Self.platforms(platform.isEmpty ? usual : platform)
        if !platforms.isEmpty { request.platforms = platforms }
        for (name, value) in Self.pairs(buildArguments) {
            request.arguments[name] = value ?? environment[name]
        }
        // As buildx does it.
        let date = "SOURCE_DATE_EPOCH"
        if request.arguments[date] == nil { request.arguments[date] = environment[date] }
        for (name, value) in Self.pairs(label) { request.labels[name] = value ?? "" }
        request.annotations = try BuildAnnotations.read(annotation)
        for (name, value) in Self.pairs(buildContexts) {
            guard let value else {
                throw Failure("invalid context value \(name), expected key=value")
            }
            if let layout = try LayoutContext(parsing: value) {
                request.layoutContexts[name] = layout
                continue
            }
            request.namedContexts[name] = try Self.context(value, named: name)
        }
        request.provenance = try attestations.statement()
        request.target = target
        request.ignoresCache = noCache
        request.explains = explain
        let stages = noCacheFilter.flatMap { $0.split(separator: ",") }
        request.uncachedStages = Set(stages.map { $0.lowercased() })
    }

    /// What the image is for, each once, as written; none where nothing is said. Several are several flags,
    /// or one with commas between them.
    static func platforms(_ texts: [String], host: Platform = .host) throws -> [Platform] {
        let names = texts.flatMap { $0.split(separator: ",") }.map { name in
            String(name.filter { $0 != " " })
        }
        var found: [Platform] = []
        for name in names where !name.isEmpty {
            let platform = name == "local" ? host : try PlatformOption.read(name)
            if !found.contains(where: { $0.normalized == platform.normalized }) {
                found.append(platform.normalized == host.normalized ? host : platform)
            }
        }
        return found
    }

    private static func context(
        _ text: String,
        named name: String
    ) throws -> BuildRequest.NamedContext {
        do {
            return try BuildSources.named(text)
        } catch let failure as Failure {
            throw Failure("--build-context \(name): \(failure)")
        }
    }

    /// `name=value` and `name`.
    static func pairs(_ texts: [String]) -> [(name: String, value: String?)] {
        texts.map { text in
            guard let equals = text.firstIndex(of: "=") else { return (text, nil) }
            return (String(text[..<equals]), String(text[text.index(after: equals)...]))
        }
    }
}
