import Builder
import DockerViews
import Engine
import ImageStore
import Linux
import OCI
import SystemPackage

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

    /// Every name that the result has somewhere.
    var statedNames: [ImageReference] {
        get throws {
            var all = names
            for name in try outputs.flatMap({ try archiveNames($0) }) where !all.contains(name) {
                all.append(name)
            }
            return all
        }
    }

    /// Refuses what cannot be pushed, before anything is built.
    func check(_ request: BuildRequest) throws {
        if outputs.contains(where: \.pushes), try imageNames.isEmpty {
            throw Failure("tag is needed when pushing to registry; give one with --tag")
        }
        for output in outputs {
            _ = try archiveNames(output)
            try check(output, of: request)
        }
    }

    /// Refuses what an index cannot go to.
    private func check(_ output: BuildOutput, of request: BuildRequest) throws {
        guard request.givesIndex else { return }
        if output.keepsUncompressed {
            throw Failure(
                "--output compression=uncompressed: layers that an index lists are compressed, so that "
                    + "their digests stay what they are when it is pushed"
            )
        }
        if output.kind == .tar, request.provenance != nil {
            throw Failure(
                "--output type=tar: what is stated of the image is not written into a tar of its files; "
                    + "write type=local, or leave --provenance out"
            )
        }
        guard request.platforms.count > 1 else { return }
        switch output.kind {
        case .archive(isDockers: true):
            throw Failure(
                "docker exporter does not currently support exporting manifest lists; write type=oci"
            )
        case .tar:
            throw Failure(
                "--output type=tar: the files of several platforms are not written into one tar; "
                    + "write type=local"
            )
        case .folder where output.splitsPlatforms == false:
            throw Failure(
                "--output platform-split=false: the files of several platforms would lie over each "
                    + "other"
            )
        case .image, .folder, .archive, .cacheOnly: break
        }
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
            guard let index = built.index else {
                return ["exporting layers done", "writing image \(built.image.id) done"] + tags
            }
            let list = "exporting manifest list \(index.descriptor.digest) done"
            guard tags.isEmpty else { return ["exporting layers done", list] + tags }
            return [
                "exporting layers done",
                "no name leads to the index, so only its images are kept; give it one with --tag",
            ]
        case .folder:
            let folder = try Machine.absolute(output.destination ?? ".")
            return try await copy(built, of: output, into: folder)
        case .tar:
            let target = try ArchiveOutput(output.destination, doing: "write")
            try await target.fill {
                try await engine.writeFiles(of: built) { try target.write($0) }
            }
            return ["sending tarball done"]
        case .archive(let isDockers):
            var built = built
            if output.compresses { built = try await engine.compressed(built) }
            guard let saved = built.saved(as: try archiveNames(output)) else { return [] }
            let target = try ArchiveOutput(output.destination, doing: "write")
            try await target.fill {
                try await engine.save(
                    [saved],
                    form: isDockers ? .both : .layout
                ) { try target.write($0) }
            }
            let contents = built.images.flatMap { image in
                [
                    "exporting manifest \(image.manifest ?? image.id) done",
                    "exporting config \(image.id) done",
                ]
            }
            let list = built.index.map { "exporting manifest list \($0.descriptor.digest) done" }
            return ["exporting layers done"] + contents + (list.map { [$0] } ?? [])
                + ["sending tarball done"]
        case .cacheOnly: return []
        }
    }

    /// The files of every platform, each in a folder of its own where there are several.
    private func copy(
        _ built: BuiltImage,
        of output: BuildOutput,
        into folder: FilePath
    ) async throws -> [String] {
        let splits = output.splitsPlatforms ?? (built.platforms.count > 1)
        var lines: [String] = []
        for (number, (image, platform)) in zip(built.images, built.platforms).enumerated() {
            let name = "\(platform)".replacing("/", with: "_")
            let place = splits ? folder.appending(name) : folder
            let bytes = try await images.session.engine.copyFiles(
                of: image,
                of: built,
                into: place
            )
            if built.statements.indices.contains(number) {
                try atomicWrite(
                    built.statements[number],
                    to: place.appending("provenance.json"),
                    mode: 0o644,
                    synced: false
                )
            }
            let of = splits ? " \(platform)" : ""
            lines.append("copying files\(of) \(HumanSize.decimal(bytes)) done")
        }
        return lines
    }
}
