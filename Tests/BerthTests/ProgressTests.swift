import TextForms
import Testing

@testable import berth

@Suite("What progress looks like")
struct ProgressTests {
    private static let megabyte: Int64 = 1_000_000

    private func layer(_ id: String, _ text: String, _ current: Int64, of total: Int64) -> Transfer
    {
        Transfer(
            id: id,
            text: text,
            phase: .running,
            bytes: ByteCount(current: current * Self.megabyte, total: total * Self.megabyte)
        )
    }

    /// One image on its way, one done, a container.
    private func state() -> ProgressState {
        var state = ProgressState()
        _ = state.report("Image busybox", "Pulling", .working, at: .zero)
        _ = state.report("Image busybox", "Pulled", .done, at: .milliseconds(900))
        _ = state.report("Image redis:7", "Pulling", .working, at: .zero)
        for second in 0...4 {
            let moved = layer("aaaaaaaaaaaa", "Downloading", Int64(second) * 5, of: 40)
            _ = state.transfer("Image redis:7", moved, at: .seconds(second))
        }
        let waiting = Transfer(
            id: "bbbbbbbbbbbb",
            text: "Waiting",
            phase: .waiting,
            bytes: ByteCount(current: 0, total: 10 * Self.megabyte)
        )
        _ = state.transfer("Image redis:7", waiting, at: .seconds(4))
        let there = Transfer(id: "cccccccccccc", text: "Already exists", phase: .done, bytes: nil)
        _ = state.transfer("Image redis:7", there, at: .seconds(4))
        return state
    }

    @Test("a line per image and per layer, with bytes, speed, time left and totals")
    func wide() {
        let lines = ProgressPicture(width: 90, height: 24).lines(of: state(), at: .seconds(4))
        #expect(
            lines == [
                "[+] Running 1/2  20MB/50MB  5MB/s  6s left",
                " ✔ Image busybox  Pulled"
                    + String(repeating: " ", count: 62) + "0.9s",
                " ⠋ Image redis:7  Pulling  [========>           ]  20MB/50MB  5MB/s  6s left"
                    + String(repeating: " ", count: 10) + "4.0s",
                "     aaaaaaaaaaaa  Downloading  [==========>         ]  20MB/40MB",
                "     bbbbbbbbbbbb  Waiting",
                "     cccccccccccc  Already exists",
            ]
        )
    }

    @Test("no line is wider than the terminal", arguments: [20, 30, 40, 60, 79, 200])
    func widths(width: Int) {
        let lines = ProgressPicture(width: width, height: 24).lines(of: state(), at: .seconds(4))
        #expect(lines.count == 6)
        for line in lines { #expect(line.count <= width, "\(line)") }
    }

    @Test("what there is no room for is left out part by part")
    func narrow() {
        let lines = ProgressPicture(width: 50, height: 24).lines(of: state(), at: .seconds(4))
        #expect(lines[0] == "[+] Running 1/2  20MB/50MB  5MB/s  6s left")
        #expect(lines[2].hasPrefix(" ⠋ Image redis:7  Pulling  20MB/50MB  5MB/s"))
        #expect(lines[3] == "     aaaaaaaaaaaa  Downloading  20MB/40MB")
    }

    @Test(
        "on a narrow terminal the time goes first, then the middle of names, never the state",
        arguments: [
            (60, " ✔ Container project-web-1     Started                  0.9s"),
            (45, " ✔ Container project-web-1     Started   0.9s"),
            (40, " ✔ Container project-web-1     Started"),
            (30, " ✔ Conta…roject-web-1  Started"), (20, " ✔ Co…web-1  Started"), (3, "✔"),
        ]
    )
    func columns(width: Int, line: String) {
        var state = ProgressState()
        for (name, text) in [("web-1", "Started"), ("worker-1", "Waiting")] {
            let subject = "Container project-\(name)"
            _ = state.report(subject, "Starting", .working, at: .zero)
            _ = state.report(subject, text, .done, at: .milliseconds(900))
        }
        let lines = ProgressPicture(width: width, height: 24).lines(of: state, at: .seconds(1))
        #expect(lines[1] == line)
        for line in lines { #expect(line.displayWidth <= width) }
    }

    @Test("a terminal of one column or one row shows no picture", arguments: [(0, 24), (80, 1)])
    func noRoom(width: Int, height: Int) {
        let picture = ProgressPicture(width: width, height: height)
        #expect(picture.lines(of: state(), at: .seconds(1)).isEmpty)
    }

    @Test("somebody else's words are one line that cannot steer the terminal")
    func words() {
        var state = ProgressState()
        _ = state.report("Container a", "no:\n\u{1B}[2Jreason\r", .warning, at: .zero)
        #expect(state.items[0].text == "no: \\e[2Jreason")
    }

    @Test(
        "there are always fewer lines than the terminal has",
        arguments: [2, 3, 5, 8, 12, 24, 60]
    )
    func heights(height: Int) {
        var state = ProgressState()
        for image in 0..<20 {
            _ = state.report("Image \(image)", "Pulling", .working, at: .zero)
            for part in 0..<5 {
                let moved = layer("\(image)-\(part)", "Downloading", 1, of: 2)
                _ = state.transfer("Image \(image)", moved, at: .seconds(1))
            }
        }
        let lines = ProgressPicture(width: 80, height: height).lines(of: state, at: .seconds(1))
        #expect(lines.count < height)
        #expect(lines[0].hasPrefix("[+] Running 0/20"))
        if (3..<20).contains(height) { #expect(lines.last?.contains("more") == true) }
    }

    @Test("what works stands before what is done, and finished images need one line")
    func collapses() {
        var state = ProgressState()
        for image in 0..<10 {
            _ = state.report("Image \(image)", "Pulling", .working, at: .zero)
            let moved = layer("layer-\(image)", "Downloading", 1, of: 2)
            _ = state.transfer("Image \(image)", moved, at: .seconds(1))
            guard image != 6 else { continue }
            _ = state.report("Image \(image)", "Pulled", .done, at: .seconds(2))
        }
        let lines = ProgressPicture(width: 80, height: 7).lines(of: state, at: .seconds(2))
        #expect(
            lines.map { line in
                let words = line.drop { $0 == " " }.split(separator: "  ").prefix(2)
                return words.joined(separator: " ")
            } == [
                "[+] Running 9/10 10MB/20MB", "⠋ Image 6 Pulling", "layer-6 Downloading",
                "✔ Image 8 Pulled", "✔ Image 9 Pulled", "… and 7 more",
            ]
        )
        let all = ProgressPicture(width: 80, height: 40).lines(of: state, at: .seconds(2))
        #expect(
            all.filter { $0.contains("layer-") } == [
                "     layer-6  Downloading  [==========>         ]  1MB/2MB"
            ]
        )
    }

    @Test("colours only where they are wanted")
    func colours() {
        let plain = ProgressPicture(width: 80, height: 24).lines(of: state(), at: .seconds(4))
        let bright = ProgressPicture(width: 80, height: 24, usesColour: true)
            .lines(of: state(), at: .seconds(4))
        #expect(!plain.joined().contains("\u{1B}"))
        #expect(bright.joined().contains("\u{1B}[32m✔"))
    }

    @Test("a change of numbers alone is no change of state")
    func changes() {
        var state = ProgressState()
        let changes = [
            state.transfer("Image a", layer("x", "Downloading", 1, of: 9), at: .zero),
            state.transfer("Image a", layer("x", "Downloading", 2, of: 9), at: .seconds(1)),
            state.transfer("Image a", layer("x", "Extracting", 9, of: 9), at: .seconds(2)),
            state.report("Image a", "Pulled", .done, at: .seconds(3)),
            state.report("Image a", "Pulled", .done, at: .seconds(3)),
        ]
        #expect(changes == [true, false, true, true, false])
    }

    @Test("a part that ends without numbers counts whole")
    func totals() {
        var state = ProgressState()
        _ = state.transfer("Image a", layer("x", "Pushing", 1, of: 9), at: .zero)
        let done = Transfer(id: "x", text: "Pushed", phase: .done, bytes: nil)
        _ = state.transfer("Image a", done, at: .seconds(1))
        #expect(state.total == ByteCount(current: 9_000_000, total: 9_000_000))
    }

    @Test("speed is that of the last seconds")
    func speed() {
        var meter = SpeedMeter()
        #expect(meter.rate(at: .seconds(1)) == nil)
        for second in 0...20 {
            meter.note(
                Int64(second) * (second > 10 ? 0 : 100) + (second > 10 ? 1000 : 0),
                at: .seconds(second)
            )
        }
        #expect(meter.rate(at: .seconds(20)) == nil)
        for second in 21...30 { meter.note(1000 + Int64(second - 20) * 500, at: .seconds(second)) }
        #expect(meter.rate(at: .seconds(30)) == 500)
    }

    @Test("JSON has the same members each time")
    func json() {
        #expect(
            Progress.json(of: layer("abc", "Downloading", 1, of: 4), in: "Image redis:7")
                == #"{"id":"abc","parent_id":"Image redis:7","text":"Downloading","#
                + #""status":"working","current":1000000,"total":4000000,"percent":25}"#
        )
        let done = Transfer(id: "abc", text: "Pull complete", phase: .done, bytes: nil)
        #expect(
            Progress.json(of: done, in: "Image a")
                == #"{"id":"abc","parent_id":"Image a","text":"Pull complete","status":"done"}"#
        )
    }

    @Test(
        "layers in lines are docker's words",
        arguments: [
            (
                Transfer(
                    id: "a",
                    text: "Waiting",
                    phase: .waiting,
                    bytes: .init(current: 0, total: 1)
                ), "Pulling fs layer"
            ),
            (
                Transfer(
                    id: "a",
                    text: "Downloading",
                    phase: .running,
                    bytes: .init(current: 0, total: 1)
                ), nil
            ),
            (
                Transfer(
                    id: "a",
                    text: "Extracting",
                    phase: .running,
                    bytes: .init(current: 1, total: 1)
                ), "Download complete"
            ),
            (Transfer(id: "a", text: "Pull complete", phase: .done, bytes: nil), "Pull complete"),
            (Transfer(id: "a", text: "Preparing", phase: .waiting, bytes: nil), "Preparing"),
            (Transfer(id: "a", text: "Waiting", phase: .waiting, bytes: nil), "Waiting"),
            (
                Transfer(id: "a", text: "Mounted from base", phase: .done, bytes: nil),
                "Mounted from base"
            ),
        ] as [(Transfer, String?)]
    )
    func words(transfer: Transfer, words: String?) {
        #expect(TransferLines.words(for: transfer) == words)
    }

    @Test("a message of the log is one line that cannot steer the terminal")
    func messages() {
        let text = MessageLog.text("warning", "the image is \u{1B}[2Jodd", ["b": "2", "a": "1"])
        #expect(text == "warning: the image is \\e[2Jodd [a: 1, b: 2]")
    }
}
