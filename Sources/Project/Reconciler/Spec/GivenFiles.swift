package import Compose
import ContainerRuntime
import Engine
import OCI
import OrderedCollections

/// The configs and secrets of a service: where each is mounted, and what is in those that are
/// written for the container. docker compose's `buildContainerConfigMounts`.
package struct GivenFiles: Sendable {
    private(set) var mounts: [MountSpec] = []
    /// By target.
    private(set) var contents: [String: FileContent] = [:]

    /// Reads the files of the host, so that one that changed is noticed.
    package init(
        of service: Service,
        in project: Project,
        files: any FileReader = LocalFiles()
    ) throws(ReconcilerError) {
        for reference in service.configs {
            try add(.config, reference, project.configs, service, files)
        }
        for reference in service.secrets {
            try add(.secret, reference, project.secrets, service, files)
        }
    }

    private mutating func add(
        _ kind: GivenFile.Kind,
        _ reference: FileReference,
        _ declared: OrderedDictionary<String, FileDeclaration>,
        _ service: Service,
        _ files: any FileReader
    ) throws(ReconcilerError) {
        let name = reference.source
        guard let file = declared[name] else {
            throw ReconcilerError(
                "service \"\(service.name)\"",
                "\(kind.rawValue) \"\(name)\" is not declared",
                remedy: "add it to the top-level `\(kind.rawValue)s`"
            )
        }
        let target = Self.target(of: reference, kind)
        if let path = file.file {
            let given = GivenFile(
                kind,
                name,
                .host(path: path),
                digest: Self.digest(of: path, files)
            )
            mounts.append(MountSpec(source: .given(given), target: target, readOnly: true))
            return
        }
        let bytes = Array(try Self.text(of: file, kind, name).utf8)
        let origin = GivenFile.Origin.written(
            user: reference.uid.flatMap { UInt32($0) } ?? 0,
            group: reference.gid.flatMap { UInt32($0) } ?? 0,
            mode: reference.mode ?? 0o444
        )
        let given = GivenFile(kind, name, origin, digest: Digest.of(bytes))
        mounts.append(MountSpec(source: .given(given), target: target, readOnly: true))
        contents[target] = FileContent(bytes)
    }

    private static func target(of reference: FileReference, _ kind: GivenFile.Kind) -> String {
        let folder = kind == .config ? "/" : "/run/secrets/"
        let target = reference.target.flatMap { $0.isEmpty ? nil : $0 } ?? reference.source
        return cleaned(target.hasPrefix("/") ? target : folder + target)
    }

    /// nil for a folder, whose content is not compared, and for what is not there: `SourceCheck`
    /// says that before anything is made of it.
    private static func digest(of path: String, _ files: any FileReader) -> Digest? {
        guard files.kind(of: path) == .file else { return nil }
        do throws(FileReadError) {
            return Digest.of(try files.read(path))
        } catch {
            // Too large to be read whole, or not readable: it is mounted all the same.
            return nil
        }
    }

    private static func text(
        of file: FileDeclaration,
        _ kind: GivenFile.Kind,
        _ name: String
    ) throws(ReconcilerError) -> String {
        if let content = file.content { return content }
        if let value = file.variableValue { return value }
        throw ReconcilerError(
            "\(kind.rawValue) \"\(name)\"",
            "environment variable \"\(file.environment ?? "")\" required by "
                + "\(kind.rawValue) \"\(name)\" is not set",
            remedy: "set it, or write it into the project's .env file",
            at: "\(kind.rawValue)s.\(name).environment"
        )
    }
}
