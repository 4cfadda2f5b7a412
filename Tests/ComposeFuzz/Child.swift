import Foundation

/// A worker process as its parent sees it.
struct Child {
    private let process = Process()
    private let pipe = Pipe()
    private var rest: [UInt8] = []
    private var heard = Date()
    /// Number of the input it is at.
    var at: Int
    var isDone = false

    init(_ settings: Settings, from first: Int) throws {
        at = first
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = settings.arguments + ["--worker", String(first)]
        process.standardOutput = pipe
        try process.run()
    }

    /// Where its words can be read.
    var output: CInt { pipe.fileHandleForReading.fileDescriptor }

    /// The lines it has said since; nil once it says no more.
    mutating func lines() -> [String]? {
        let data = pipe.fileHandleForReading.availableData
        guard !data.isEmpty else { return nil }
        heard = Date()
        rest += data
        var parts = rest.split(separator: 0x0A, omittingEmptySubsequences: false)
        let last = parts.popLast() ?? []
        let lines = parts.map { String(decoding: $0, as: UTF8.self) }
        rest = Array(last)
        return lines
    }

    func isSilent(_ seconds: Double) -> Bool { Date().timeIntervalSince(heard) > seconds }

    func kill() { process.terminate() }

    /// Waits for its end, in words.
    func end() -> String {
        process.waitUntilExit()
        let kind = process.terminationReason == .exit ? "status" : "signal"
        return "\(kind) \(process.terminationStatus)"
    }
}
