import Foundation
import Glibc
import Linux
import OCI
import SystemPackage
import Testing

/// A registry on loopback with the one image of an OCI layout, `app:1`, that stops in the middle of
/// one blob until it is told to go on.
final class GatedRegistry: Sendable {
    /// `127.0.0.1:40001`.
    let authority: String
    /// Yields once half of the blob has been sent.
    let halves: AsyncStream<Void>

    private let listener: SharedFD
    private let content: Content

    private struct Content: Sendable {
        var layout: FilePath
        var manifest: [UInt8]
        var gated: Digest
        var half: AsyncStream<Void>.Continuation
        let gate = DispatchSemaphore(value: 0)
    }

    init(_ layout: TestLayout, stoppingIn gated: Digest) throws {
        let (halves, half) = AsyncStream.makeStream(of: Void.self)
        self.halves = halves
        content = Content(
            layout: layout.path,
            manifest: layout.document,
            gated: gated,
            half: half
        )
        let closing = CInt(SOCK_CLOEXEC.rawValue)
        let number = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | closing, 0)
        try #require(number >= 0)
        let listener = SharedFD(taking: number)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(number, address, length) == 0 && listen(number, 16) == 0
                    && getsockname(number, address, &length) == 0
            } ? UInt16(bigEndian: pointer.pointee.sin_port) : 0
        }
        try #require(port > 0)
        authority = "127.0.0.1:\(port)"
        let content = content
        try startThread {
            while true {
                let connection = listener.with { accept($0, nil, nil) }
                // The listener was shut down.
                guard connection >= 0 else { return }
                let fd = SharedFD(taking: connection)
                do {
                    try startThread { Self.serve(fd, content) }
                } catch {
                    Issue.record(error)
                }
            }
        }
    }

    deinit {
        content.gate.signal()
        _ = listener.with { shutdown($0, CInt(SHUT_RDWR)) }
    }

    /// Lets the blob go on.
    func open() { content.gate.signal() }

    /// One request after the other, until the client hangs up.
    private static func serve(_ fd: SharedFD, _ content: Content) {
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fd.with { read($0, &buffer, buffer.count) }
            guard count > 0 else { return }
            text += String(decoding: buffer[..<count], as: UTF8.self)
            while let end = text.range(of: "\r\n\r\n") {
                let words = text.split(separator: " ", maxSplits: 2)
                text = String(text[end.upperBound...])
                guard words.count > 1, answer(String(words[0]), String(words[1]), fd, content)
                else { return }
            }
        }
    }

    private static func answer(
        _ method: String,
        _ path: String,
        _ fd: SharedFD,
        _ content: Content
    ) -> Bool {
        var body: [UInt8]?
        var type = "application/octet-stream"
        var digest: Digest?
        if path == "/v2/" {
            body = []
        } else if path.hasPrefix("/v2/app/manifests/") {
            body = content.manifest
            type = MediaType.ociManifest
        } else if let found = path.split(separator: "/").last.flatMap({ Digest(String($0)) }) {
            digest = found
            // One that is not there is a test's mistake, and answered as such.
            body = try? readFile(
                content.layout.appending("blobs/sha256/\(found.hex)"),
                limit: 1 << 24
            )
        }
        guard let body else {
            return send(Array("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n".utf8), fd)
        }
        let head =
            "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\n\r\n"
        guard send(Array(head.utf8), fd), method == "GET" else { return method == "HEAD" }
        guard digest == content.gated else { return send(body, fd) }
        guard send(Array(body[..<(body.count / 2)]), fd) else { return false }
        content.half.yield()
        content.gate.wait()
        return send(Array(body[(body.count / 2)...]), fd)
    }

    private static func send(_ bytes: [UInt8], _ fd: SharedFD) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = fd.with { fd in
                bytes.withUnsafeBytes {
                    Glibc.send(
                        fd,
                        $0.baseAddress?.advanced(by: sent),
                        bytes.count - sent,
                        CInt(MSG_NOSIGNAL)
                    )
                }
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
