import Compose
import OCI
import OrderedCollections

/// The files of a project as they are published: those that it was loaded from, and after them what
/// these name, each under a name that no path can be read from.
struct Publication {
    private(set) var artifact = ComposeArtifact(files: [])
    private(set) var servicesWithFiles: Set<String> = []
    private(set) var secrets: [SecretFinding] = []

    /// Reads all of them. Env files are among them only with `withEnvironment`.
    /// - Throws: what is wrong with them, or cannot be published.
    init(_ loaded: LoadedProject, withEnvironment: Bool) throws {
        let project = loaded.project
        guard !project.files.contains("-") else {
            throw Failure(
                "cannot publish standard input: its name is not known; name a file with -f"
            )
        }
        var extended: [String] = []
        var environment: [String] = []
        func read(_ path: String, in folder: String, as kind: ComposeArtifact.File.Kind) throws {
            let file = try PublishedFile(
                path,
                in: folder,
                environment: loaded.environment,
                rename: Self.name
            )
            let name = kind == .extended ? Self.name(.extended, path) : Self.last(path)
            artifact.files.append(.init(kind: kind, name: name, bytes: file.bytes))
            servicesWithFiles.formUnion(file.servicesWithFiles)
            secrets += file.texts.compactMap { SecretFinding($0.text, at: $0.path) }
            for path in file.named[.extended] ?? [] where !extended.contains(path) {
                extended.append(path)
            }
            for path in file.named[.environment] ?? [] where !environment.contains(path) {
                environment.append(path)
            }
        }
        for path in project.files { try read(path, in: project.directory, as: .compose) }
        var next = 0
        while next < extended.count {
            defer { next += 1 }
            try read(extended[next], in: Self.folder(extended[next]), as: .extended)
        }
        let reader = LocalFiles()
        for path in environment {
            // One that need not be there is not there for others, either.
            guard reader.kind(of: path) != nil else { continue }
            let bytes = try reader.read(path)
            for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
                let parts = line.split(separator: "=", maxSplits: 1)
                guard parts.count == 2 else { continue }
                SecretFinding(String(parts[1]), at: "\(path): \(parts[0])").map {
                    secrets.append($0)
                }
            }
            guard withEnvironment else { continue }
            artifact.files.append(
                .init(kind: .environment, name: Self.name(.environment, path), bytes: bytes)
            )
        }
        let contents = Array(project.configs.values) + Array(project.secrets.values)
        for path in contents.compactMap(\.file) {
            // `try?`: of what cannot be read, nothing is published.
            guard let bytes = try? reader.read(path) else { continue }
            SecretFinding(String(decoding: bytes, as: UTF8.self), at: path).map {
                secrets.append($0)
            }
        }
    }

    /// Adds a file that replaces images by those with a digest.
    mutating func pin(_ images: [(service: String, image: String)]) {
        var text = "services:\n"
        for (service, image) in images.sorted(by: { $0.service < $1.service }) {
            text += "  \(service):\n    image: \(image)\n"
        }
        artifact.files.append(
            .init(kind: .compose, name: "image-digests.yaml", bytes: Array(text.utf8))
        )
    }

    /// docker compose's names: of the path, what nobody can read it from.
    private static func name(_ kind: PublishedFile.Kind, _ path: String) -> String {
        Digest.of(Array(path.utf8)).hex + (kind == .environment ? ".env" : ".yaml")
    }

    private static func last(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    private static func folder(_ path: String) -> String {
        let parts = path.split(separator: "/").dropLast()
        return "/" + parts.joined(separator: "/")
    }
}
