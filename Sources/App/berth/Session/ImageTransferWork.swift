import Compose
import Reconciler

/// Carries out a project's `pull` or `push`: all images at once, with the transfers of all of them
/// together bounded.
struct ImageTransferWork: Sendable {
    /// An image that could not be had or sent.
    struct Failed: Sendable {
        var image: ImageTransfers.Image
        var text: String
    }

    let images: ProjectImages
    private let progress: Progress
    private let parallel: Int

    init(
        _ options: ProjectOptions,
        _ session: Session,
        _ loaded: LoadedProject,
        isQuiet: Bool
    ) throws {
        progress = try options.makeProgress(isQuiet: isQuiet)
        parallel = try options.parallelLimit(in: loaded.environment) ?? .max
        images = ProjectImages(session: session, progress: progress, project: loaded.project)
    }

    /// Runs all of them to their end; gives those that failed, in the file's order.
    func run(
        _ transfers: ImageTransfers,
        doing: String,
        done: String,
        _ body: @escaping @Sendable (String) async throws -> Void
    ) async throws -> [Failed] {
        for skipped in transfers.skipped {
            progress.report("Service \(skipped.service)", "Skipped: \(skipped.reason)", .warning)
        }
        let work = self
        let results = try await Interruptible.run(progress) {
            await work.all(transfers, doing, done, body)
        }
        progress.finish()
        return transfers.images.indices.compactMap { results[$0] }
    }

    private func all(
        _ transfers: ImageTransfers,
        _ doing: String,
        _ done: String,
        _ body: @escaping @Sendable (String) async throws -> Void
    ) async -> [Int: Failed] {
        let progress = progress
        return await withTaskGroup(of: (Int, Failed?).self) { group in
            var results: [Int: Failed] = [:]
            for (index, image) in transfers.images.enumerated() {
                if index >= parallel, let (index, failed) = await group.next() {
                    results[index] = failed
                }
                let subject = "Image \(image.reference)"
                progress.report(subject, doing, .working)
                group.addTask {
                    do {
                        try await body(image.reference)
                        progress.report(subject, done, .done)
                        return (index, nil)
                    } catch {
                        progress.report(
                            subject,
                            Task.isCancelled ? "Interrupted" : "Error",
                            Task.isCancelled ? .warning : .failed
                        )
                        return (index, Failed(image: image, text: "\(error)"))
                    }
                }
            }
            return await group.reduce(into: results) { $0[$1.0] = $1.1 }
        }
    }

    /// Throws what failed; `ignoring` tells it as warnings instead.
    func check(_ failures: [Failed], ignoring: Bool) throws {
        guard !failures.isEmpty else { return }
        let lines = failures.map { failed in
            "\(failed.image.services.joined(separator: ", ")): \(failed.text)"
        }
        if ignoring {
            for line in lines { Terminal.line("warning: \(line)", to: .error) }
            return
        }
        var failure = Failure("")
        failure.lines = lines
        throw failure
    }
}
