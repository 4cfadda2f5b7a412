import Foundation
import NIOHTTP1
import OCI
import Synchronization
import Testing

@testable import Registry

@Suite("Uploads", .timeLimit(.minutes(1)))
struct UploadTests {
    let blob = (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    var digest: Digest { .of(blob) }

    private func reference(_ server: TestServer) throws -> ImageReference {
        try ImageReference("\(server.authority)/app:1")
    }

    @Test("send a blob whole, and tell how far they are")
    func whole() async throws {
        let uploads = FakeUploads()
        let server = try await TestServer { uploads.answer($0) }
        let steps = Mutex<[Int64]>([])
        let how = try await makeClient().upload(
            digest,
            BlobContent(blob),
            to: reference(server)
        ) { sent in steps.withLock { $0.append(sent) } }
        #expect(how == .sent)
        #expect(uploads["app", digest] == blob)
        #expect(steps.withLock { $0.last } == Int64(blob.count))
        #expect(steps.withLock { $0 } == steps.withLock { $0.sorted() })
        let methods = server.requests.filter { $0.path != "/v2/" }.map(\.method)
        #expect(methods == ["HEAD", "POST", "PUT"])
    }

    @Test("send nothing of what is there")
    func there() async throws {
        let uploads = FakeUploads()
        uploads["app", digest] = blob
        let server = try await TestServer { uploads.answer($0) }
        let how = try await makeClient().upload(digest, BlobContent(blob), to: reference(server))
        #expect(how == .alreadyThere)
        #expect(server.requests.filter { $0.path != "/v2/" }.map(\.method) == ["HEAD"])
    }

    @Test(
        "send a blob where the registry stumbles over the question for it",
        arguments: [429, 503]
    )
    func brokenHead(status: Int) async throws {
        let uploads = FakeUploads()
        let server = try await TestServer { request in
            request.method == "HEAD" ? .status(status) : uploads.answer(request)
        }
        let how = try await makeClient().upload(digest, BlobContent(blob), to: reference(server))
        #expect(how == .sent)
        #expect(uploads["app", digest] == blob)
        #expect(server.requests.count { $0.method == "HEAD" } == 2)
    }

    @Test("take a blob over from a repository that has it")
    func mounts() async throws {
        let uploads = FakeUploads()
        uploads["base", digest] = blob
        let server = try await TestServer { uploads.answer($0) }
        let how = try await makeClient().upload(
            digest,
            BlobContent(blob),
            to: reference(server),
            mountingFrom: ["app", "gone", "base"]
        )
        #expect(how == .mounted(from: "base"))
        #expect(uploads["app", digest] == blob)
        // The session that the first attempt was answered with is closed.
        #expect(uploads.contents.withLock { $0.cancelled } == 1)
        #expect(uploads.contents.withLock { $0.sessions.isEmpty })
    }

    @Test("send a blob where the registry does not mount")
    func noMount() async throws {
        var options = FakeUploads.Options()
        options.mounts = false
        let uploads = FakeUploads(options)
        uploads["base", digest] = blob
        let server = try await TestServer { uploads.answer($0) }
        let how = try await makeClient().upload(
            digest,
            BlobContent(blob),
            to: reference(server),
            mountingFrom: ["base"]
        )
        #expect(how == .sent)
        #expect(uploads["app", digest] == blob)
        #expect(uploads.contents.withLock { $0.sessions.isEmpty })
    }

    @Test("go in pieces of the wanted size")
    func pieces() async throws {
        let uploads = FakeUploads()
        let server = try await TestServer { uploads.answer($0) }
        let client = makeClient { $0.pieceBytes = 600_000 }
        _ = try await client.upload(digest, BlobContent(blob), to: reference(server))
        #expect(uploads["app", digest] == blob)
        let ranges = server.requests.compactMap { $0.headers.first(name: "Content-Range") }
        #expect(ranges == ["0-599999", "600000-1199999", "1200000-1799999", "1800000-1999999"])
    }

    @Test("keep to the least size that the registry names")
    func leastPiece() async throws {
        var options = FakeUploads.Options()
        options.leastPiece = 900_000
        let uploads = FakeUploads(options)
        let server = try await TestServer { uploads.answer($0) }
        let client = makeClient { $0.pieceBytes = 100_000 }
        _ = try await client.upload(digest, BlobContent(blob), to: reference(server))
        #expect(uploads["app", digest] == blob)
        let sizes = server.requests.filter { $0.method == "PATCH" }.map(\.body.count)
        #expect(sizes == [900_000, 900_000, 200_000])
    }

    @Test("turn to pieces where one request may not carry it all")
    func tooLarge() async throws {
        var options = FakeUploads.Options()
        options.largestBody = 1 << 20
        let uploads = FakeUploads(options)
        let server = try await TestServer { uploads.answer($0) }
        let large = [UInt8](repeating: 3, count: 3 << 20)
        _ = try await makeClient().upload(
            .of(large),
            BlobContent(large),
            to: reference(server)
        )
        #expect(uploads["app", .of(large)] == large)
    }

    @Test("go on where a broken connection left them")
    func resumes() async throws {
        let uploads = FakeUploads()
        let puts = Count()
        let server = try await TestServer(cutting: { request in
            guard request.method == "PUT", request.body.count > 700_000 else { return nil }
            return puts.next() == 1 ? 700_000 : nil
        }) { uploads.answer($0) }
        _ = try await makeClient().upload(digest, BlobContent(blob), to: reference(server))
        #expect(uploads["app", digest] == blob)
        let ranges = server.requests.compactMap { $0.headers.first(name: "Content-Range") }
        #expect(ranges == ["700000-1999999"])
        #expect(uploads.contents.withLock { $0.begun } == 1)
    }

    @Test("begin again when the registry has forgotten what arrived")
    func forgotten() async throws {
        var options = FakeUploads.Options()
        options.forgetsSessions = true
        let uploads = FakeUploads(options)
        let puts = Count()
        let server = try await TestServer(cutting: { request in
            guard request.method == "PUT", request.body.count > 700_000 else { return nil }
            return puts.next() == 1 ? 700_000 : nil
        }) { uploads.answer($0) }
        _ = try await makeClient().upload(digest, BlobContent(blob), to: reference(server))
        #expect(uploads["app", digest] == blob)
        #expect(uploads.contents.withLock { $0.begun } == 2)
    }

    @Test("are tried again after answers that pass", arguments: [429, 500, 503])
    func passing(status: Int) async throws {
        let uploads = FakeUploads()
        let count = Count()
        let server = try await TestServer { request in
            let isHit = request.method == "PUT" && count.next() == 1
            return isHit ? .status(status, ["Retry-After": "0"]) : uploads.answer(request)
        }
        _ = try await makeClient().upload(digest, BlobContent(blob), to: reference(server))
        #expect(uploads["app", digest] == blob)
    }

    @Test("end with the registry's words when it refuses, and leave no session")
    func refused() async throws {
        let uploads = FakeUploads()
        let server = try await TestServer { uploads.answer($0) }
        let reference = try reference(server)
        let wrong = Digest.of([1])
        let found = await cause {
            _ = try await makeClient().upload(wrong, BlobContent(blob), to: reference)
        }
        #expect(found == .status(400, "not that digest"))
        #expect(uploads.contents.withLock { $0.sessions.isEmpty })
        #expect(uploads.contents.withLock { $0.cancelled } == 1)
    }

    @Test("give up after some attempts, and leave no session")
    func hopeless() async throws {
        let uploads = FakeUploads()
        let server = try await TestServer(cutting: {
            ["PUT", "PATCH"].contains($0.method) ? 0 : nil
        }) { request in
            request.isCut ? .status(500) : uploads.answer(request)
        }
        let reference = try reference(server)
        var client: RegistryClient { makeClient { $0.retry.attempts = 3 } }
        let found = await cause {
            _ = try await client.upload(digest, BlobContent(blob), to: reference)
        }
        guard case .interrupted = found else {
            Issue.record("\(String(describing: found))")
            return
        }
        #expect(uploads.contents.withLock { $0.sessions.isEmpty })
    }

    @Test("end with what reading the blob ends with")
    func unreadable() async throws {
        struct Damaged: Error {}
        let uploads = FakeUploads()
        let server = try await TestServer { uploads.answer($0) }
        let content = BlobContent(size: 1 << 20) { _, _ in throw Damaged() }
        await #expect(throws: Damaged.self) {
            try await makeClient().upload(digest, content, to: reference(server))
        }
        #expect(uploads.contents.withLock { $0.sessions.isEmpty })
    }

    @Test("follow a location on another host, without the credentials")
    func elsewhere() async throws {
        let uploads = FakeUploads()
        let storage = try await TestServer { uploads.answer($0) }
        var options = FakeUploads.Options()
        options.locationPrefix = "http://\(storage.otherName)"
        let front = FakeUploads(options)
        let server = try await TestServer { request in
            guard request.authorization != nil else {
                return .status(401, ["WWW-Authenticate": "Basic realm=\"here\""])
            }
            let answer = front.answer(request)
            // Both know of the session.
            if request.method == "POST" { _ = uploads.answer(request) }
            return answer
        }
        let client = makeClient {
            $0.credentials = { _ in Credentials(username: "user", password: "pass") }
        }
        _ = try await client.upload(digest, BlobContent(blob), to: reference(server))
        #expect(uploads["app", digest] == blob)
        #expect(!storage.requests.isEmpty)
        #expect(storage.requests.allSatisfy { $0.authorization == nil })
    }

    @Test("read no faster than the registry takes")
    func backPressure() async throws {
        let uploads = FakeUploads()
        let server = try await TestServer { uploads.answer($0) }
        let read = Mutex<Int64>(0)
        let sent = Mutex<Int64>(0)
        let widest = Mutex<Int64>(0)
        let size: Int64 = 24 << 20
        let content = BlobContent(size: size) { _, count in
            let ahead = read.withLock { read in
                read += Int64(count)
                return read
            }
            widest.withLock { $0 = max($0, ahead - sent.withLock { $0 }) }
            return [UInt8](repeating: 0, count: count)
        }
        let digest = Digest.of([UInt8](repeating: 0, count: Int(size)))
        _ = try await makeClient().upload(digest, content, to: reference(server)) { position in
            sent.withLock { $0 = position }
        }
        #expect(widest.withLock { $0 } <= 2 * BlobPieces.pieceBytes)
    }
}

@Suite("Manifests and tags", .timeLimit(.minutes(1)))
struct PushManifestTests {
    @Test("manifests go out with exactly their bytes and their type")
    func manifest() async throws {
        let image = try TestImage()
        let uploads = FakeUploads()
        let server = try await TestServer { uploads.answer($0) }
        let reference = try ImageReference("\(server.authority)/app:1")
        // Bytes that no encoder of ours writes.
        let bytes = Array(" ".utf8) + image.document
        let document = try ManifestDocument(bytes: bytes)
        try await makeClient().pushManifest(document, as: "1", of: reference)
        let stored = uploads.contents.withLock { $0.manifests["app:1"] }
        #expect(stored?.bytes == bytes)
        #expect(stored?.type == MediaType.ociManifest)
    }

    @Test("a denied push says so, in the registry's words")
    func denied() async throws {
        let image = try TestImage()
        let server = try await TestServer { request in
            guard request.path != "/v2/" else { return .status(200) }
            let text = "requested access to the resource is denied"
            let body = #"{"errors":[{"code":"DENIED","message":"\#(text)"}]}"#
            return TestServer.Answer(status: 403, body: Array(body.utf8))
        }
        let reference = try ImageReference("\(server.authority)/app:1")
        do {
            try await makeClient().pushManifest(
                ManifestDocument(bytes: image.document),
                as: "1",
                of: reference
            )
            Issue.record("not denied")
        } catch let error as RegistryError {
            let text = error.description
            #expect(text.contains("requested access to the resource is denied"))
            #expect(text.contains("push access denied"))
            #expect(text.contains("berth login"))
        }
    }

    @Test("all tags are listed, page after page")
    func tags() async throws {
        let server = try await TestServer { request in
            switch request.uri {
            case "/v2/": .status(200)
            case "/v2/app/tags/list?n=1000":
                TestServer.Answer(
                    headers: ["Link": "</v2/app/tags/list?last=b&n=2>; rel=\"next\""],
                    body: Array(#"{"name":"app","tags":["a","b"]}"#.utf8)
                )
            case "/v2/app/tags/list?last=b&n=2":
                TestServer.Answer(
                    headers: ["Link": "</v2/app/tags/list?last=c&n=2>; rel=\"next\""],
                    body: Array(#"{"name":"app","tags":["c"]}"#.utf8)
                )
            case "/v2/app/tags/list?last=c&n=2":
                TestServer.Answer(body: Array(#"{"name":"app","tags":null}"#.utf8))
            default: .status(404)
            }
        }
        let reference = try ImageReference("\(server.authority)/app")
        #expect(try await makeClient().tags(of: reference) == ["a", "b", "c"])
    }
}
