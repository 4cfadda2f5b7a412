import Foundation
import NIOHTTP1
import OCI
import Synchronization

/// The writing side of a registry in memory, as strict as the specification lets one be.
final class FakeUploads: Sendable {
    struct Options: Sendable {
        var mounts = true
        /// What comes before a session's path in `Location`.
        var locationPrefix = ""
        var locationQuery = "_state=a%2Fb=="
        var leastPiece: Int?
        /// Larger bodies are refused with 413.
        var largestBody = Int.max
        var forgetsSessions = false
    }

    struct Contents: Sendable {
        /// By repository.
        var blobs: [String: [Digest: [UInt8]]] = [:]
        var sessions: [String: [UInt8]] = [:]
        /// By `repository:name`.
        var manifests: [String: (type: String, bytes: [UInt8])] = [:]
        var cancelled = 0
        var begun = 0
    }

    let options: Options
    let contents = Mutex(Contents())

    init(_ options: Options = Options()) { self.options = options }

    subscript(_ repository: String, _ digest: Digest) -> [UInt8]? {
        get { contents.withLock { $0.blobs[repository]?[digest] } }
        set { contents.withLock { $0.blobs[repository, default: [:]][digest] = newValue } }
    }

    func answer(_ request: TestServer.Request) -> TestServer.Answer {
        if request.path == "/v2/" { return .status(200) }
        let parts = request.path.split(separator: "/").map(String.init)
        guard parts.count >= 4, parts[0] == "v2" else { return .status(404) }
        return contents.withLock { contents in
            if parts[2] == "manifests" {
                contents.manifests["\(parts[1]):\(parts[3])"] = (
                    request.headers.first(name: "Content-Type") ?? "", request.body
                )
                return .status(201, ["Docker-Content-Digest": "\(Digest.of(request.body))"])
            }
            guard parts[3] == "uploads" else {
                let digest = Digest(parts[3])
                let isThere = digest.flatMap { contents.blobs[parts[1]]?[$0] } != nil
                return .status(isThere ? 200 : 404)
            }
            if parts.count == 4 { return begin(parts[1], request, &contents) }
            return session(parts[4], of: parts[1], request, &contents)
        }
    }

    private func query(_ request: TestServer.Request) -> [String: String] {
        let items = URLComponents(string: request.uri)?.queryItems ?? []
        return Dictionary(items.map { ($0.name, $0.value ?? "") }) { $1 }
    }

    private func begin(
        _ repository: String,
        _ request: TestServer.Request,
        _ contents: inout Contents
    ) -> TestServer.Answer {
        let query = query(request)
        if options.mounts, let from = query["from"],
            let digest = query["mount"].flatMap({ Digest($0) }),
            let blob = contents.blobs[from]?[digest]
        {
            contents.blobs[repository, default: [:]][digest] = blob
            return .status(201, ["Location": "/v2/\(repository)/blobs/\(digest)"])
        }
        contents.begun += 1
        let name = "session-\(contents.begun)"
        contents.sessions[name] = []
        var headers = location(name, repository, 0)
        if let least = options.leastPiece {
            headers.add(name: "OCI-Chunk-Min-Length", value: "\(least)")
        }
        return .status(202, headers)
    }

    private func location(_ name: String, _ repository: String, _ size: Int) -> HTTPHeaders {
        let path = "/v2/\(repository)/blobs/uploads/\(name)?\(options.locationQuery)&n=\(size)"
        return [
            "Location": options.locationPrefix + path, "Range": "0-\(max(0, size - 1))",
        ]
    }

    private func session(
        _ name: String,
        of repository: String,
        _ request: TestServer.Request,
        _ contents: inout Contents
    ) -> TestServer.Answer {
        guard var bytes = contents.sessions[name] else { return .status(404) }
        // The state that the session's address carries has to come back unchanged.
        guard request.uri.contains(options.locationQuery) else { return .status(400) }
        if request.body.count > options.largestBody { return .status(413) }
        switch request.method {
        case "GET":
            if options.forgetsSessions { return .status(404) }
            return .status(204, location(name, repository, bytes.count))
        case "DELETE":
            contents.sessions[name] = nil
            contents.cancelled += 1
            return .status(204)
        case "PATCH":
            let range = request.headers.first(name: "Content-Range") ?? ""
            let isLast = request.body.count < options.leastPiece ?? 0
            guard
                range == "\(bytes.count)-\(bytes.count + request.body.count - 1)" || request.isCut,
                !isLast || contents.sessions.count == 1
            else { return .status(416) }
            bytes += request.body
            contents.sessions[name] = bytes
            return .status(202, location(name, repository, bytes.count))
        case "PUT":
            bytes += request.body
            if request.isCut {
                contents.sessions[name] = bytes
                return .status(500)
            }
            guard let digest = query(request)["digest"].flatMap({ Digest($0) }),
                Digest.of(bytes) == digest
            else {
                let body = #"{"errors":[{"code":"DIGEST_INVALID","message":"not that digest"}]}"#
                return TestServer.Answer(status: 400, body: Array(body.utf8))
            }
            contents.sessions[name] = nil
            contents.blobs[repository, default: [:]][digest] = bytes
            return .status(201, ["Docker-Content-Digest": "\(digest)"])
        default: return .status(405)
        }
    }
}
