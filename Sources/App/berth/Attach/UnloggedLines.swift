import ContainerRuntime
import Engine

/// Lines of what comes in pieces from a program that keeps no log.
struct UnloggedLines {
    private var begun: [LogLine.Stream: [UInt8]] = [:]

    /// The lines that an event ends.
    mutating func take(_ event: AttachEvent) -> [LogLine] {
        switch event {
        case .output(let bytes): return take(bytes, .stdout)
        case .error(let bytes): return take(bytes, .stderr)
        case .attached, .exited: return []
        }
    }

    private mutating func take(_ bytes: [UInt8], _ stream: LogLine.Stream) -> [LogLine] {
        var all = begun.removeValue(forKey: stream) ?? []
        all += bytes
        var lines: [LogLine] = []
        var start = 0
        while let end = all[start...].firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(LogLine(time: .now(), stream: stream, bytes: Array(all[start...end])))
            start = end + 1
        }
        while all.count - start >= LogLine.longestBytes {
            let end = start + LogLine.longestBytes
            lines.append(LogLine(time: .now(), stream: stream, bytes: Array(all[start..<end])))
            start = end
        }
        begun[stream] = Array(all[start...])
        return lines
    }

    /// What has come without the end of its line.
    mutating func rest() -> [LogLine] {
        defer { begun = [:] }
        return begun.filter { !$0.value.isEmpty }
            .map { LogLine(time: .now(), stream: $0.key, bytes: $0.value) }
            .sorted { $0.stream.rawValue > $1.stream.rawValue }
    }
}
