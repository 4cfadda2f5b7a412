import Foundation
package import Testing

/// Fails a suite that leaves mounts or links of ours or processes of its own behind. For suites of the
/// kernel, which run one after another. Cgroups are looked at by the benches, who know their names:
/// the hierarchy is the whole machine's.
package struct LeakCheck: SuiteTrait, TestScoping {
    /// What a killed process leaves for a moment is gone before this.
    private static let patience = Duration.seconds(10)

    package func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let before = Self.present()
        try await function()
        let end = ContinuousClock.now + Self.patience
        var left = Self.present().subtracting(before)
        while !left.isEmpty, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(20))
            left = Self.present().subtracting(before)
        }
        for thing in left.sorted() { Issue.record("\(test.name) leaves \(thing)") }
    }

    /// Everything there is now, in words.
    private static func present() -> Set<String> {
        var things: Set<String> = []
        for line in lines("/proc/self/mountinfo") {
            let fields = line.split(separator: " ")
            if fields.count > 4, fields[4].contains("berth") { things.insert("mount \(fields[4])") }
        }
        for line in lines("/proc/self/net/dev") {
            let name = line.drop { $0 == " " }.prefix { $0 != ":" }
            if name.hasPrefix("bth") || name.hasPrefix("bv") { things.insert("link \(name)") }
        }
        let children = names("/proc/self/task").flatMap { lines("/proc/self/task/\($0)/children") }
        for child in children.flatMap({ $0.split(separator: " ") }) {
            things.insert("child \(child) (\(lines("/proc/\(child)/comm").first ?? "ended"))")
        }
        return things
    }

    // What cannot be read is not there.
    private static func lines(_ path: String) -> [Substring] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n")
    }

    private static func names(_ path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    }
}

extension Trait where Self == LeakCheck {
    /// The suite leaves nothing in the kernel.
    package static var leavesNothing: Self { Self() }
}
