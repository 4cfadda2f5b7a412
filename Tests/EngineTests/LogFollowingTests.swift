import ContainerRuntime
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Engine

@Suite("logs that are followed", .timeLimit(.minutes(1)))
struct LogFollowingTests {
    let scratch: Scratch
    var layout: Layout { Layout(root: scratch("root"), run: scratch("run")) }

    init() throws { scratch = try Scratch() }

    private func makeContainer() throws -> ContainerID {
        let id = ContainerID.random()
        try makeDirectories(layout.container(id.text).appending("log"))
        return id
    }

    private func append(_ text: String, to id: ContainerID) throws {
        let file = try FileDescriptor.open(
            layout.container(id.text).appending("log/container.log"),
            .writeOnly,
            options: [.append, .create],
            permissions: .ownerReadWrite
        )
        try file.closeAfter { _ = try file.writeAll(LogFolder.record(text).utf8) }
    }

    /// The next lines, and how often the following wanted to know who writes.
    private func next(_ following: inout LogFollowing) async throws -> ([String], looks: Int) {
        var looks = 0
        while true {
            if let lines = try following.batch() {
                return (lines.map { String(decoding: $0.bytes, as: UTF8.self) }, looks)
            }
            try await following.wait()
            if following.looksNow {
                looks += 1
                try following.look(at: LogWriters(following.writers, isOver: false))
            }
        }
    }

    @Test("are read as they grow, without a question who writes")
    func wakes() async throws {
        let id = try makeContainer()
        var following = LogFollowing(layout, LogSelection())
        #expect(following.looksNow)
        try following.look(at: LogWriters([id], isOver: false))
        var looks = 0
        for index in 0..<20 {
            try append("\(index)\n", to: id)
            let (lines, asked) = try await next(&following)
            #expect(lines == ["\(index)\n"])
            looks += asked
        }
        // Now and then is every two seconds, and all this takes half of one.
        #expect(looks < 5)
    }

    @Test("begin with the lines asked for; who joins later, with the first")
    func joining() async throws {
        let (old, new) = (try makeContainer(), try makeContainer())
        for text in ["1\n", "2\n"] { try append(text, to: old) }
        var selection = LogSelection()
        selection.tail = 1
        var following = LogFollowing(layout, selection)
        try following.look(at: LogWriters([old], isOver: false))
        #expect(try await next(&following).0 == ["2\n"])
        for text in ["3\n", "4\n"] { try append(text, to: new) }
        try following.look(at: LogWriters([new], isOver: false))
        #expect(following.writers == [old, new])
        #expect(try await next(&following).0 == ["3\n", "4\n"])
    }

    @Test("ask who writes when a run has ended, and when a container has come", arguments: [0, 1])
    func occasions(which: Int) async throws {
        let id = try makeContainer()
        var following = LogFollowing(layout, LogSelection())
        try following.look(at: LogWriters([id], isOver: false))
        #expect(!following.looksNow)
        if which == 0 {
            // As the keeper does.
            try atomicWrite([1], to: layout.container(id.text).appending("exit"), synced: false)
        } else {
            _ = try makeContainer()
        }
        try await following.wait()
        #expect(following.looksNow)
    }

    @Test("ask again at once who writes, when a run has ended that nobody has written down")
    func untold() async throws {
        let id = try makeContainer()
        var waits: [Duration] = []
        for isUnsettled in [true, false] {
            var following = LogFollowing(layout, LogSelection())
            try following.look(at: LogWriters([id], isOver: false, isUnsettled: isUnsettled))
            let began = ContinuousClock.now
            while !following.looksNow { try await following.wait() }
            waits.append(.now - began)
        }
        #expect(waits[0] < waits[1] / 2)
    }
}
