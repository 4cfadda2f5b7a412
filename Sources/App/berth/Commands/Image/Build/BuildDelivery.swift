import Builder
import DockerViews
import Engine
import ImageStore
import OCI

/// Brings what a build gave to where it is wanted, and shows that as BuildKit does.
struct BuildDelivery: Sendable {
    let outputs: [BuildOutput]
    /// Those of `--tag`.
    let names: [ImageReference]
    let images: ProjectImages
    let show: @Sendable (BuildEvent) -> Void

    /// More steps than a build has: these come after all of them.
    private static let firstStep = 1 << 32

    /// Whether an image of this machine is asked for.
    var records: Bool { outputs.contains(where: \.isImage) }

    /// The names that the image gets: those of `--tag`, and those that outputs give it.
    var imageNames: [ImageReference] {
        get throws {
            guard records else { return [] }
            var all = names
            for output in outputs where output.isImage {
                for name in try output.names.map({ try ChangeOptions.target($0) })
                where !all.contains(name) {
                    all.append(name)
                }
            }
            return all
        }
    }

    /// The names that an archive gets: those of `--tag`, otherwise those of its output.
    func archiveNames(_ output: BuildOutput) throws -> [ImageReference] {
        guard names.isEmpty else { return names }
        return try output.names.map { try ChangeOptions.target($0) }
    }

    /// Refuses what cannot be pushed, before anything is built.
    func check() throws {
        if outputs.contains(where: \.pushes), try imageNames.isEmpty {
            throw Failure("tag is needed when pushing to registry; give one with --tag")
        }
        for output in outputs { _ = try archiveNames(output) }
    }

    func run(_ built: BuiltImage) async throws {
        var number = Self.firstStep
        for output in outputs {
            number += 1
            let title = Self.title(output)
            guard !title.isEmpty else { continue }
            let step = BuildStep(number: number, title: title)
            let clock = ContinuousClock()
            let begun = clock.now
            show(.started(step))
            do {
                for line in try await carryOut(output, built) { show(.explained(step, line)) }
            } catch {
                show(.failed(step, "\(error)"))
                throw error
            }
            show(.finished(step, clock.now - begun))
        }
        if outputs.contains(where: \.pushes) {
            for name in try imageNames { _ = try await images.push(name.description) }
        }
    }

    private static func title(_ output: BuildOutput) -> String {
        switch output.kind {
        case .image: "exporting to image"
        case .folder: "exporting to client directory"
        case .tar: "exporting to client tarball"
        case .archive(let isDockers):
            isDockers ? "exporting to docker image format" : "exporting to oci image format"
        case .cacheOnly: ""
        }
    }

    /// Does it, and gives what there is to say of it.
    private func carryOut(_ output: BuildOutput, _ built: BuiltImage) async throws -> [String] {
        let engine = images.session.engine
        switch output.kind {
        case .image:
            let tags = try imageNames.map { "naming to \($0) done" }
            return ["exporting layers done", "writing image \(built.image.id) done"] + tags
        case .folder:
            let folder = try Machine.absolute(output.destination ?? ".")
            let bytes = try await engine.copyFiles(of: built, into: folder)
            return ["copying files \(HumanSize.decimal(bytes)) done"]
        case .tar:
            let target = try ArchiveOutput(output.destination, doing: "write")
            try await target.fill {
                try await engine.writeFiles(of: built) { try target.write($0) }
            }
            return ["sending tarball done"]
        case .archive(let isDockers):
            var built = built
            if output.compresses { built = try await engine.compressed(built) }
            guard let manifest = built.image.manifest else { return [] }
            let target = try ArchiveOutput(output.destination, doing: "write")
            try await target.fill {
                try await engine.save(
                    [ImageToSave(manifest: manifest, names: try archiveNames(output))],
                    form: isDockers ? .both : .layout
                ) { try target.write($0) }
            }
            return [
                "exporting layers done", "exporting manifest \(manifest) done",
                "exporting config \(built.image.id) done", "sending tarball done",
            ]
        case .cacheOnly: return []
        }
    }
}
