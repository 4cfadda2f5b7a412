import Foundation

/// What the command line asks for.
struct Settings: Sendable {
    /// Number of inputs.
    var count = 200_000
    var seed: UInt64 = 1
    var workers = max(1, ProcessInfo.processInfo.activeProcessorCount)
    /// Where inputs with a finding are kept.
    var keep = ".build/fuzz"
    /// Where the seeds are.
    var folders: [String] = []
    /// Number of the one input to show and check.
    var replay: Int?
    /// The one file to check.
    var load: String?
    /// First input of a worker; nil in the parent.
    var worker: Int?

    init(_ words: [String]) throws {
        var rest = words[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else {
                folders.append(word)
                continue
            }
            guard let value = rest.popFirst() else { throw FuzzError("\(word) needs a value") }
            switch word {
            case "--count": count = try Self.number(value, word)
            case "--seed": seed = UInt64(try Self.number(value, word))
            case "--workers": workers = max(1, try Self.number(value, word))
            case "--keep": keep = value
            case "--replay": replay = try Self.number(value, word)
            case "--load": load = value
            case "--worker": worker = try Self.number(value, word)
            default: throw FuzzError("unknown option \(word)")
            }
        }
    }

    private static func number(_ text: String, _ option: String) throws -> Int {
        guard let number = Int(text), number >= 0 else {
            throw FuzzError("\(option) takes a number, not \(text)")
        }
        return number
    }

    /// What a worker is started with.
    var arguments: [String] {
        [
            "--count", String(count), "--seed", String(seed), "--workers", String(workers),
        ] + folders
    }
}
