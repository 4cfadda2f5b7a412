import Compose
import Foundation
import TestSupport
import Testing

/// What holds for every file.
@Suite("Properties", .enabled(if: Corpus.isPresent, "the corpus is not on this machine"))
struct PropertyTests {
    @Test("loading the output of config gives the same output")
    func reloading() throws {
        // These leave a Dockerfile's name empty, which is not said, and so becomes the default.
        let excepted = ["config-interpolate", "test-compose-interpolate"]
        for run in Corpus.runs where run.isValid && run.name == "default" {
            if excepted.contains(where: run.id.hasSuffix) { continue }
            let path = run.folder + "/" + (run.expected["yaml"] ?? "")
            guard run.expected["yaml"] != nil, let data = FileManager.default.contents(atPath: path)
            else { continue }
            let text = String(decoding: data, as: UTF8.self)
                .replacing("@PROJECT_DIR@", with: "/project").replacing(
                    "@PROJECT_PARENT@",
                    with: ""
                )
            var options = LoadOptions.test()
            options.profiles = ["*"]
            // A service that a profile leaves out may still be named by one that is printed.
            options.without.insert(.checkReferences)
            let loaded = try load(text, options: options)
            #expect(loaded.yaml() == text, "\(run.id)")
        }
    }

    @Test("no mutation of a file crashes the loader")
    func mutations() {
        var random = SeededGenerator(seed: 1)
        let texts = Corpus.runs.prefix(200).compactMap {
            FileManager.default.contents(atPath: $0.folder + "/compose.yaml").map(Array.init)
        }
        guard !texts.isEmpty else { return }
        for _ in 0..<2000 {
            var bytes = texts.randomElement(using: &random) ?? []
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                Self.mutate(&bytes, with: texts, &random)
            }
            let files = MemoryFiles(["compose.yaml": String(decoding: bytes, as: UTF8.self)])
            let purpose: LoadOptions.Purpose = Bool.random(using: &random) ? .run : .config
            if let loaded = try? ComposeLoader(files: files).load(.test(purpose)) {
                #expect(!loaded.yaml().isEmpty && !loaded.json().isEmpty)
            }
        }
    }

    private static func mutate(
        _ bytes: inout [UInt8],
        with texts: [[UInt8]],
        _ random: inout SeededGenerator
    ) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...127, using: &random)
        case 1: bytes.remove(at: place)
        case 2:
            let sign = Array("{}[]:,-&*!|>'\"#%@$ \n\t0".utf8).randomElement(using: &random)
            bytes.insert(sign ?? 0, at: place)
        case 3:
            let end = min(bytes.count, place + Int.random(in: 1..<40, using: &random))
            bytes.removeSubrange(place..<end)
        default:
            let other = texts.randomElement(using: &random) ?? []
            let start = Int.random(in: 0...other.count, using: &random)
            bytes.insert(contentsOf: other[start...].prefix(60), at: place)
        }
    }
}

/// The same numbers each time. SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
