import NIOHTTP1
import OCI
import Testing

@testable import Registry

@Suite("Faults", .timeLimit(.minutes(1)))
struct FaultTests {
    let image: TestImage

    init() throws { image = try TestImage() }

    private func reference(_ server: TestServer) throws -> ImageReference {
        try ImageReference("\(server.authority)/app:1")
    }

    @Test("of the server pass when it recovers", arguments: [500, 502, 503, 504, 429, 408])
    func recovers(status: Int) async throws {
        let image = image
        let count = Count()
        let server = try await TestServer { request in
            guard request.uri.contains("manifests") else {
                return image.answer(request) ?? .status(404)
            }
            return count.next() < 4
                ? .status(status, ["Retry-After": "1000000000"])
                : image.answer(request) ?? .status(404)
        }
        let found = try await makeClient().resolve(reference(server))
        #expect(found.manifest == image.manifest)
    }

    @Test("that stay are given up on")
    func givesUp() async throws {
        let server = try await TestServer { $0.uri == "/v2/" ? .status(200) : .status(503) }
        let found = await cause { _ = try await makeClient().resolve(reference(server)) }
        #expect(found == .status(503, nil))
        #expect(server.requests.count == 5)
    }

    @Test("of the connection pass: a cut blob goes on where it was")
    func resumes() async throws {
        let image = image
        let server = try await TestServer { request in
            guard request.uri.contains("\(image.layerDescriptor.digest)") else {
                return image.answer(request) ?? .status(404)
            }
            var answer = TestImage.ranged(image.layer, request)
            answer.cutAfter = 9_000
            return answer
        }
        let bytes = try await makeClient().blob(image.layerDescriptor, of: reference(server))
        #expect(bytes == image.layer)
        let ranges = server.requests.filter { $0.uri.contains("blobs") }
            .map { $0.headers.first(name: "Range") }
        #expect(ranges.first == .some(nil))
        #expect(ranges.dropFirst().allSatisfy { $0 != nil })
        #expect(ranges.count >= 6)
    }

    @Test("of servers that know no ranges pass too")
    func noRanges() async throws {
        let image = image
        let count = Count()
        let server = try await TestServer { request in
            guard request.uri.contains("\(image.layerDescriptor.digest)") else {
                return image.answer(request) ?? .status(404)
            }
            return TestServer.Answer(
                body: image.layer,
                cutAfter: count.next() < 4 ? 9_000 * count.next() : nil
            )
        }
        let client = makeClient()
        #expect(
            try await client.blob(image.layerDescriptor, of: reference(server)) == image.layer
        )
        let rest = try await client.blob(
            image.layerDescriptor,
            of: reference(server),
            from: 40_000
        )
        #expect(rest == Array(image.layer[40_000...]))
    }

    @Test("that bring nothing are given up on")
    func hangsUp() async throws {
        let image = image
        let server = try await TestServer { request in
            var answer = image.answer(request) ?? .status(404)
            answer.hangsUp = request.uri.contains("\(image.layerDescriptor.digest)")
            return answer
        }
        let found = await cause {
            _ = try await makeClient().blob(image.layerDescriptor, of: reference(server))
        }
        guard case .interrupted = found else {
            Issue.record("\(String(describing: found))")
            return
        }
    }

    @Test("of silence end in time")
    func silent() async throws {
        let server = try await TestServer { request in
            TestServer.Answer(isSilent: request.uri != "/v2/")
        }
        let client = makeClient {
            $0.answerTimeout = .milliseconds(100)
            $0.retry.attempts = 2
        }
        #expect(await cause { _ = try await client.resolve(reference(server)) } == .timedOut)
    }

    @Test("of ranges and lengths are refused")
    func wrongRanges() async throws {
        let image = image
        func served(_ answer: @escaping @Sendable (TestServer.Request) -> TestServer.Answer)
            async throws -> RegistryError.Cause?
        {
            let server = try await TestServer { request in
                request.uri.contains("\(image.layerDescriptor.digest)")
                    ? answer(request) : image.answer(request) ?? .status(404)
            }
            return await cause {
                _ = try await makeClient().blob(
                    image.layerDescriptor,
                    of: reference(server),
                    from: 1000
                )
            }
        }
        let otherRange = try await served { _ in
            TestServer.Answer(
                status: 206,
                headers: ["Content-Range": "bytes 500-999/50024"],
                body: image.layer
            )
        }
        #expect(otherRange == .malformed("another range than was asked for"))
        let endless = try await served { _ in
            TestServer.Answer(body: image.layer + [UInt8](repeating: 1, count: 1_000_000))
        }
        guard case .wrongSize = endless else {
            Issue.record("\(String(describing: endless))")
            return
        }
        let encoded = try await served { _ in
            TestServer.Answer(headers: ["Content-Encoding": "gzip"], body: image.layer)
        }
        #expect(encoded == .malformed("a blob with Content-Encoding gzip"))
    }

    @Test("a download that crawls is noticed")
    func pace() {
        var pace = Pace(.init(window: .seconds(30), leastBytes: 1000))
        let start = ContinuousClock.now
        let early = pace.allows(1, now: start + .seconds(29))
        let tooLittle = pace.allows(1, now: start + .seconds(31))
        let enough = pace.allows(5000, now: start + .seconds(62))
        #expect(early && !tooLittle && enough)
    }
}
