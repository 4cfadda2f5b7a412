import ArgumentParser
import Bake
import Compose
import Engine
import Glibc
import Linux
import OCI
import SystemPackage
import TextForms

/// Which files say what is built, and what the command line says otherwise.
struct BakeSources: ParsableArguments {
    @Option(
        name: .shortAndLong,
        parsing: .singleValue,
        help: ArgumentHelp(
            "A bake file or compose file; - is stdin; may be repeated; otherwise compose.yaml, "
                + "docker-bake.json, docker-bake.hcl and their relatives of the current folder.",
            valueName: "file"
        ),
        completion: .file(extensions: ["hcl", "json", "yaml", "yml"])
    )
    var file: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Another value for an attribute: pattern.attribute=value, pattern.args.NAME=value; += adds.",
            valueName: "pattern.key=value"
        )
    )
    var set: [String] = []

    /// Reads all of them.
    func definition() throws -> BakeDefinition {
        let environment = Machine.environment()
        let named = file.isEmpty ? Self.listed(environment) : file
        let files = try named.isEmpty ? Self.usual() : named.map { try Self.read($0) }
        let folder = try Machine.workingDirectory()
        let surroundings = BakeDefinition.Surroundings(
            environment: environment,
            platform: Platform.host.description,
            now: Timestamp.now().nanoseconds
        )
        return try BakeDefinition(
            files,
            services: try Self.services(files, folder, environment),
            in: surroundings
        )
    }

    private static func listed(_ environment: [String: String]) -> [String] {
        let separator = environment["BUILDX_BAKE_PATH_SEPARATOR"] ?? ":"
        return (environment["BUILDX_BAKE_FILE"] ?? "").split(separator: separator).map(String.init)
    }

    /// Those that are there of the usual names.
    private static func usual() throws -> [BakeFile] {
        let there = BakeFile.usualNames.filter { access($0, F_OK) == 0 }
        guard !there.isEmpty else {
            throw Failure(
                "couldn't find a bake definition: there is none of "
                    + BakeFile.usualNames.joined(separator: ", ") + "; name one with --file"
            )
        }
        return try there.map { try read($0) }
    }

    private static func read(_ name: String) throws -> BakeFile {
        if name == "-" {
            let bytes = try within("-") { () throws(SyscallError) in
                try OwnedFD(taking: dup(STDIN_FILENO)).readToEnd(limit: BakeFile.limit)
            }
            return BakeFile(name: "-", bytes: bytes)
        }
        guard !name.contains("://") || name.hasPrefix("cwd://") else {
            throw Failure("\(name): bake files are not fetched; fetch it, and name the file")
        }
        let path = name.hasPrefix("cwd://") ? String(name.dropFirst(6)) : name
        let place = try Machine.absolute(path)
        let bytes = try within(name) { () throws(SyscallError) in
            try readRegularFile(place, limit: BakeFile.limit)
        }
        return BakeFile(name: name, bytes: bytes)
    }

    /// Says which bound a file does not keep.
    private static func within(
        _ name: String,
        _ read: () throws(SyscallError) -> [UInt8]
    ) throws -> [UInt8] {
        do throws(SyscallError) {
            return try read()
        } catch {
            let shown = VisibleText.shortened(name)
            switch error.errno {
            case EFBIG:
                throw Failure(
                    "\(shown): a bake file has at most \(BakeFile.limit >> 20) MiB, and this is larger"
                )
            case EINVAL:
                throw Failure("\(shown): a bake file is a regular file, and this is none")
            default: throw error
            }
        }
    }

    /// The services of the compose files among them.
    private static func services(
        _ files: [BakeFile],
        _ folder: String,
        _ environment: [String: String]
    ) throws -> [BakeTarget] {
        let compose = files.filter { $0.syntax == .compose }
        guard !compose.isEmpty else { return [] }
        var options = LoadOptions(
            purpose: .images,
            workingDirectory: folder,
            environment: environment
        )
        options.builtins = Machine.builtins
        options.files = compose.map(\.name)
        let loaded = try ComposeLoader(files: LocalFiles()).load(options)
        for warning in loaded.warnings { Terminal.line("warning: \(warning)", to: .error) }
        return try BakeTarget.services(of: loaded, in: folder)
    }
}
