import Foundation
import Glibc

/// Runs the workers, notices which input a dead or silent one died of, and keeps the findings.
final class Campaign {
    private let settings: Settings
    private let maker: InputMaker
    private var findings: [Int: String] = [:]
    private var accepted = 0
    private var checked = 0

    /// A worker that says nothing for so long hangs.
    private static let silenceMilliseconds: CInt = 30_000

    init(settings: Settings, maker: InputMaker) {
        (self.settings, self.maker) = (settings, maker)
    }

    /// Runs all inputs. - Returns: whether nothing was found.
    func run() throws -> Bool {
        var workers: [Child] = []
        for number in 0..<settings.workers { workers.append(try Child(settings, from: number)) }
        while !workers.isEmpty {
            var polled = workers.map { pollfd(fd: $0.output, events: Int16(POLLIN), revents: 0) }
            let count = poll(&polled, nfds_t(polled.count), 1000)
            if count < 0, errno != EINTR { throw FuzzError("poll: \(errno)") }
            for index in workers.indices.reversed() {
                let isReady = polled[index].revents != 0
                if isReady, let lines = workers[index].lines() {
                    for line in lines { take(line, &workers[index]) }
                } else if isReady {
                    // It ended: of itself, or of the input it was at.
                    let end = workers[index].end()
                    let isDone = workers[index].isDone
                    let at = workers[index].at
                    workers.remove(at: index)
                    if !isDone { try resume(after: at, "the worker died: \(end)", &workers) }
                } else if workers[index].isSilent(Double(Self.silenceMilliseconds) / 1000) {
                    workers[index].kill()
                    let at = workers[index].at
                    _ = workers[index].end()
                    workers.remove(at: index)
                    try resume(after: at, "no answer for 30 s", &workers)
                }
            }
        }
        try tell()
        return findings.isEmpty
    }

    /// A line on standard output, at once: a log may be watched.
    private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    private func resume(after number: Int, _ why: String, _ workers: inout [Child]) throws {
        findings[number] = why
        let next = number + settings.workers
        if next < settings.count { workers.append(try Child(settings, from: next)) }
    }

    private func take(_ line: String, _ worker: inout Child) {
        let words = line.split(separator: " ", maxSplits: 2).map(String.init)
        switch words.first {
        case "at":
            worker.at = words.count > 1 ? Int(words[1]) ?? 0 : 0
            checked += 1
            if checked.isMultiple(of: 20_000) {
                Self.say("\(checked) checked, \(accepted) accepted, \(findings.count) findings")
            }
        case "accepted": accepted += 1
        case "done": worker.isDone = true
        case "finding" where words.count == 3: findings[Int(words[1]) ?? 0] = words[2]
        default: Self.say("a worker says: \(line)")
        }
    }

    /// Prints what was found and keeps each input in a folder of its own.
    private func tell() throws {
        for (number, text) in findings.sorted(by: { $0.key < $1.key }) {
            let folder = URL(filePath: settings.keep).appending(path: "\(settings.seed)-\(number)")
            for (path, bytes) in maker.input(number).files {
                let file = folder.appending(path: String(path.dropFirst("/project/".count)))
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(),
                    withIntermediateDirectories: true
                )
                try Data(bytes).write(to: file)
            }
            Self.say("input \(number): \(text.replacing("\u{1}", with: "\n    "))")
            Self.say("    kept in \(folder.path)")
        }
        Self.say(
            "seed \(settings.seed): \(checked) inputs, \(accepted) accepted, \(findings.count) findings"
        )
    }
}
