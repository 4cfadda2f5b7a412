import NIOCore
import OCI
import Testing

@testable import Registry

/// What registries send that no registry should. Redirects are in `RedirectTests`, wrong content in
/// `ResolveTests`.
@Suite("Hostile registries", .timeLimit(.minutes(2)))
struct HostileTests {
    let image: TestImage

    init() throws { image = try TestImage() }

    private static let ok = "HTTP/1.1 200 OK\r\n"

    /// What a pull from a server that behaves so ends with.
    private func ending(
        blob: Bool = false,
        idle: Duration = .seconds(20),
        _ acts: @escaping @Sendable (String) -> [RawServer.Act]
    ) async throws -> RegistryError.Cause? {
        let server = try await RawServer { request in
            request.hasPrefix("GET /v2/ ")
                ? [.send("\(Self.ok)Content-Length: 0\r\n\r\n")] : acts(request)
        }
        let client = makeClient {
            $0.retry.attempts = 2
            $0.idleTimeout = idle
            $0.leastBytesPerIdleTimeout = 1000
        }
        let reference = try ImageReference("\(server.authority)/app:1")
        return await cause {
            if blob {
                _ = try await client.blob(image.layerDescriptor, of: reference)
            } else {
                _ = try await client.resolve(reference)
            }
        }
    }

    @Test("a blob without end, announced shorter or as chunks, stops at its size")
    func endless() async throws {
        let size = image.layerDescriptor.size
        for head in [
            "Transfer-Encoding: chunked", "Content-Length: 9999999999999", "Connection: close",
        ] {
            let isChunked = head.hasPrefix("Transfer")
            let piece =
                isChunked
                ? Array("1000\r\n".utf8) + [UInt8](repeating: 1, count: 0x1000) + Array("\r\n".utf8)
                : [UInt8](repeating: 1, count: 4096)
            let found = try await ending(blob: true) { _ in
                [.send("\(Self.ok)\(head)\r\n\r\n"), .endlessly(piece)]
            }
            guard case .wrongSize(size, _) = found else {
                Issue.record("\(head): \(String(describing: found))")
                continue
            }
        }
    }

    @Test("a manifest without end stops at four mebibytes")
    func endlessManifest() async throws {
        let piece = Array("1000\r\n".utf8) + [UInt8](repeating: 32, count: 4096) + [13, 10]
        let found = try await ending { _ in
            [.send("\(Self.ok)Transfer-Encoding: chunked\r\n\r\n"), .endlessly(piece)]
        }
        #expect(found == .tooLarge(limit: OCIJSON.manifestLimit))
    }

    @Test("headers without end are refused: one, many, and a head that never ends")
    func headerBombs() async throws {
        let long = String(repeating: "x", count: 200_000)
        let many = (0..<100_000).map { "X-\($0): y\r\n" }.joined()
        let bombs: [[RawServer.Act]] = [
            [.send("\(Self.ok)X: \(long)\r\n\r\n")], [.send("\(Self.ok)\(many)\r\n")],
            [
                .send(Self.ok),
                .endlessly(Array("X-Bomb: \(String(repeating: "y", count: 4000))\r\n".utf8)),
            ],
        ]
        for bomb in bombs {
            switch try await ending({ _ in bomb }) {
            case .unreachable, .interrupted: break
            case let other: Issue.record("\(String(describing: other))")
            }
        }
    }

    @Test(
        "garbage in place of http is refused",
        arguments: [
            "SSH-2.0-OpenSSH_9\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nabcde",
            "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "HTTP/9.9 999 \u{0}\r\n\r\n",
        ]
    )
    func garbage(text: String) async throws {
        switch try await ending({ _ in [.send(text), .close] }) {
        case .unreachable, .interrupted, .malformed: break
        case let other: Issue.record("\(String(describing: other))")
        }
    }

    @Test("a server that says one byte at a time, or nothing more, is given up on")
    func slow() async throws {
        let size = image.layerDescriptor.size
        let head = "\(Self.ok)Content-Length: \(size)\r\n\r\n"
        let byte = [UInt8](repeating: 1, count: 1000)
        let start = ContinuousClock.now
        let dripping = try await ending(blob: true, idle: .milliseconds(300)) { _ in
            [.send(head), .drip(byte, .milliseconds(50))]
        }
        let stalling = try await ending(blob: true, idle: .milliseconds(300)) { _ in
            [.send(head + "abc")]
        }
        for found in [dripping, stalling] {
            guard case .interrupted = found else {
                Issue.record("\(String(describing: found))")
                continue
            }
        }
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    private static let interim = "HTTP/1.1 100 Continue\r\n\r\n"

    @Test("interim answers without end are given up on at once, whatever they are")
    func interimAnswers() async throws {
        for code in ["100 Continue", "102 Processing", "103 Early Hints"] {
            let asked = Count()
            let found = try await ending { _ in
                asked.next()
                return [.endlessly(Array("HTTP/1.1 \(code)\r\nX: y\r\n\r\n".utf8))]
            }
            switch found {
            case .unreachable: break
            case let other: Issue.record("\(code): \(String(describing: other))")
            }
        }
    }

    @Test("a few interim answers are an answer's forerunners")
    func fewInterimAnswers() async throws {
        let digest = image.descriptor.digest
        let few = String(repeating: Self.interim, count: InterimAnswerLimit.limit)
        let server = try await RawServer { request in
            guard request.contains(" /v2/app/manifests/") else {
                return [.send("\(Self.ok)Content-Length: 0\r\n\r\n")]
            }
            return [.send("\(few)\(Self.ok)Docker-Content-Digest: \(digest)\r\n\r\n")]
        }
        let found = try await makeClient().digest(
            of: ImageReference("\(server.authority)/app:1")
        )
        #expect(found == digest)
    }

    @Test("what drips has no more time than what is silent, in the head and in the body")
    func drips() async throws {
        let bytes = Array("X-Slow: \(String(repeating: "y", count: 1000))".utf8)
        let slow: [[RawServer.Act]] = [
            // Interim answers, a head that does not end, a body.
            [.drip(Array(String(repeating: Self.interim, count: 40).utf8), .milliseconds(40))],
            [.send(Self.ok), .drip(bytes, .milliseconds(40))],
            [.send("\(Self.ok)Content-Length: 5000\r\n\r\n"), .drip(bytes, .milliseconds(40))],
        ]
        for acts in slow {
            let server = try await RawServer { request in
                request.hasPrefix("GET /v2/ ")
                    ? [.send("\(Self.ok)Content-Length: 0\r\n\r\n")] : acts
            }
            let client = makeClient {
                $0.retry.attempts = 2
                $0.answerTimeout = .milliseconds(300)
                $0.idleTimeout = .milliseconds(300)
            }
            let start = ContinuousClock.now
            let found = await cause {
                _ = try await client.resolve(ImageReference("\(server.authority)/app:1"))
            }
            #expect(found == .timedOut)
            // One drop after the other would take 40 s.
            #expect(ContinuousClock.now - start < .seconds(20))
        }
    }

    @Test("a manifest in another encoding than asked for is not guessed at")
    func encoded() async throws {
        let found = try await ending { _ in
            let body = "\u{1f}not gzip either"
            return [
                .send(
                    "\(Self.ok)Content-Encoding: gzip\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                )
            ]
        }
        guard case .malformed = found else {
            Issue.record("\(String(describing: found))")
            return
        }
    }

    @Test("an index that contains itself cannot be: its digest says no")
    func selfReference() async throws {
        let bottom = Descriptor(mediaType: MediaType.ociIndex, of: Array("{}".utf8))
        let index = try OCIJSON.encode(ImageIndex(manifests: [bottom]))
        let server = try await TestServer { request in
            request.uri == "/v2/" ? .status(200) : TestImage.manifest(index, MediaType.ociIndex)
        }
        let found = await cause {
            _ = try await makeClient().resolve(ImageReference("\(server.authority)/app:1"))
        }
        switch found {
        case .noPlatform, .wrongDigest: break
        default: Issue.record("\(String(describing: found))")
        }
    }

    @Test("Ctrl-C in the middle of a blob ends at once and closes the connection")
    func cancel() async throws {
        let size = image.layerDescriptor.size
        let server = try await RawServer { request in
            request.hasPrefix("GET /v2/ ")
                ? [.send("\(Self.ok)Content-Length: 0\r\n\r\n")]
                : [.send("\(Self.ok)Content-Length: \(size)\r\n\r\nsome bytes")]
        }
        let reference = try ImageReference("\(server.authority)/app:1")
        let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
        let client = makeClient()
        let download = Task {
            try await client.fetchBlob(image.layerDescriptor, of: reference) { _ in arrival.yield()
            }
        }
        for await _ in arrivals { break }
        let start = ContinuousClock.now
        download.cancel()
        await #expect(throws: CancellationError.self) { try await download.value }
        #expect(ContinuousClock.now - start < .seconds(1))
        let deadline = ContinuousClock.now + .seconds(5)
        while server.ended == 0, ContinuousClock.now < deadline { await Task.yield() }
        #expect(server.ended >= 1)
    }
}

@Suite("Broken connections", .timeLimit(.minutes(2)))
struct CutTests {
    /// Where each attempt breaks off, from a seed that a failure prints.
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }

    @Test("at any byte lose nothing: ranges honoured or not, closed or reset", arguments: 1...24)
    func cuts(seed: Int) async throws {
        let image = try TestImage()
        let layer = image.layer
        let honoursRanges = seed % 2 == 0
        let resets = seed % 3 == 0
        let attempts = Count()
        let server = try await RawServer { request in
            guard request.contains("/blobs/") else {
                return [.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
            }
            let attempt = attempts.next()
            var random = Seeded(state: UInt64(seed * 7919 + attempt * 104_729))
            var start = 0
            var head = "HTTP/1.1 200 OK\r\n"
            if honoursRanges, let range = request.firstMatch(of: /[Rr]ange: bytes=(\d+)-/) {
                start = Int(range.1) ?? 0
                head =
                    "HTTP/1.1 206 Partial Content\r\n"
                    + "Content-Range: bytes \(start)-\(layer.count - 1)/\(layer.count)\r\n"
            }
            head += "Content-Length: \(layer.count - start)\r\n\r\n"
            let all = Array(head.utf8) + layer[start...]
            // Later attempts get further, so that one without ranges ends as well.
            let least = min(all.count, attempt * layer.count / 6)
            let cut = attempt > 8 ? all.count : Int.random(in: least...all.count, using: &random)
            let text = String(decoding: all[..<cut], as: UTF8.self)
            return cut == all.count ? [.send(text)] : [.send(text), resets ? .reset : .close]
        }
        let client = makeClient { $0.retry.attempts = 8 }
        let reference = try ImageReference("\(server.authority)/app:1")
        let found = try await client.blob(image.layerDescriptor, of: reference)
        #expect(found == layer, "seed \(seed)")
    }

    @Test("with nobody behind them name the host and say what to check")
    func nobody() async throws {
        let port = try await RawServer { _ in [] }.port
        func words(_ name: String) async -> String {
            do {
                _ = try await makeClient().resolve(ImageReference(name))
                return "no error"
            } catch { return "\(error)" }
        }
        #expect(
            await words("127.0.0.1:\(port)/app:1")
                == "cannot get 127.0.0.1:\(port)/app:1 from 127.0.0.1:\(port): connection refused; "
                + "is the registry running, and its name right?"
        )
    }
}
