import ContainerRuntime
import Testing

@Suite("frames to and from a keeper")
struct KeeperFramesTests {
    @Test(
        "what is said to a keeper",
        arguments: [
            (.go, [1, 0, 0, 0, 0, 0, 0, 0]),
            (.signal(15), [4, 0, 0, 0, 4, 0, 0, 0, 15, 0, 0, 0]),
            (.attach(givesInput: true), [5, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0]),
            (.input([7, 8]), [6, 0, 0, 0, 2, 0, 0, 0, 7, 8]),
            (.input([]), []),
            (
                .resize(TerminalSize(rows: 24, columns: 300)),
                [8, 0, 0, 0, 4, 0, 0, 0, 24, 0, 44, 1]
            ),
        ] as [(KeeperMessage, [UInt8])]
    )
    func messages(message: KeeperMessage, bytes: [UInt8]) { #expect(message.frames == bytes) }

    @Test("long input becomes several frames, none longer than a keeper takes")
    func longInput() {
        let frames = KeeperMessage.input([UInt8](repeating: 1, count: 40_000)).frames
        #expect(frames.count == 40_000 + 3 * 8)
        #expect(Array(frames[0..<8]) == [6, 0, 0, 0, 0, 0x40, 0, 0])
    }

    private static let said: [UInt8] =
        [1, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0] + [2, 0, 0, 0, 2, 0, 0, 0, 104, 105]
        + [3, 0, 0, 0, 0, 0, 0, 0] + [4, 0, 0, 0, 8, 0, 0, 0, 137, 0, 0, 0, 9, 0, 0, 0]

    private static let events: [AttachEvent] = [
        .attached(.terminal(input: .open)), .output([104, 105]), .error([]),
        .exited(code: 137, signal: 9),
    ]

    @Test("what a keeper says, in pieces of any size", arguments: [1, 2, 3, 7, 8, 9, 100])
    func events(size: Int) {
        var parser = AttachEventParser()
        var seen: [AttachEvent] = []
        var rest = Self.said[...]
        while !rest.isEmpty {
            parser.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
            while case .event(let event) = parser.next() { seen.append(event) }
        }
        #expect(seen == Self.events)
        #expect(parser.next() == .none)
    }

    @Test(
        "what no keeper says",
        arguments: [
            [0, 0, 0, 0, 0, 0, 0, 0], [5, 0, 0, 0, 0, 0, 0, 0], [2, 0, 0, 0, 1, 0, 1, 0],
            [4, 0, 0, 0, 1, 0, 0, 0, 1], [1, 0, 0, 0, 0, 0, 0, 0],
        ] as [[UInt8]]
    )
    func malformed(bytes: [UInt8]) {
        var parser = AttachEventParser()
        parser.append(bytes)
        #expect(parser.next() == .malformed)
    }
}
