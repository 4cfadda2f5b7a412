import Synchronization

/// Where `image pull` and `image push` show layers and say what came of them.
struct TransferDisplay: Sendable {
    let progress: Progress
    /// nil where layers are not shown line by line.
    let lines: TransferLines?
    let isQuiet: Bool

    /// A result line, on stdout.
    func say(_ text: String) {
        guard !isQuiet else { return }
        Terminal.line(text)
    }

    func show(_ subject: String, _ transfer: Transfer) {
        progress.transfer(subject, transfer)
        lines?.show(transfer)
    }

    /// Runs one image's transfer under its heading.
    func run<R>(
        _ subject: String,
        _ doing: String,
        _ done: String,
        _ body: () async throws -> R
    ) async throws -> R {
        progress.report(subject, doing, .working)
        do {
            let result = try await body()
            progress.report(subject, done, .done)
            progress.finish()
            return result
        } catch {
            progress.report(subject, "Error", .failed)
            progress.finish()
            throw error
        }
    }
}

/// Layers as docker writes them when it does not write to a terminal: one line to stdout for each
/// that comes to something new, `4f4fb700ef54: Pull complete`.
final class TransferLines: Sendable {
    private let told = Mutex<[String: String]>([:])

    /// What docker says of a state; nil for what it shows only to who watches.
    static func words(for transfer: Transfer) -> String? {
        switch (transfer.text, transfer.phase) {
        case ("Waiting", _) where transfer.bytes != nil: "Pulling fs layer"
        case ("Extracting", _): "Download complete"
        case (_, .running): nil
        case (let text, _): text
        }
    }

    func show(_ transfer: Transfer) {
        guard let words = Self.words(for: transfer) else { return }
        told.withLock { told in
            guard told.updateValue(words, forKey: transfer.id) != words else { return }
            Terminal.line("\(transfer.id): \(words)")
        }
    }
}
