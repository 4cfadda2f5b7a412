import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOSSL

/// A file from an http or https address, for `import` and the like; not from a registry.
package enum FileDownload {
    /// Why a file could not be had: from where, and the reason.
    package struct Failure: Error, Hashable, CustomStringConvertible {
        package var address: String
        package var reason: String

        /// `reason` goes on after a colon.
        package init(address: String, reason: String) {
            self.address = address
            self.reason = reason
        }

        package var description: String { "cannot download \(address): \(reason)" }
    }

    /// What the server says of the file.
    package struct Answer: Hashable, Sendable {
        /// `ETag`.
        package var entityTag: String?
        /// `Last-Modified`, as it was sent.
        package var lastModified: String?
        /// The same in seconds since 1970.
        package var modifiedSeconds: Int64?
        /// Of `Content-Disposition`: the last part of the path that it has.
        package var fileName: String?
        /// The file is still what the asker has; nothing was sent.
        package var isUnchanged = false

        /// The server says nothing.
        package init() {}
    }

    /// Hands on the file piece by piece. Redirects are followed, ten at most, all through the proxy
    /// that the address has. A server that is told what is `known` of the file sends it only when it
    /// has changed.
    ///
    /// - Throws: `Failure`, or what `receive` throws.
    @discardableResult
    package static func get(
        _ address: String,
        proxies: ProxySettings = ProxySettings(),
        known: Answer? = nil,
        receive: ([UInt8]) async throws -> Void
    ) async throws -> Answer {
        guard let origin = URL(string: address).flatMap({ Origin($0) }) else {
            throw Failure(address: address, reason: "not an http or https address")
        }
        var settings = HTTPClient.Configuration()
        settings.redirectConfiguration = .follow(max: 10, allowCycles: false)
        settings.timeout.connect = .seconds(10)
        settings.timeout.read = .seconds(60)
        settings.http1_1ConnectionDebugInitializer = { channel in
            channel.eventLoop.submit { try InterimAnswerLimit.add(to: channel) }
        }
        let proxy = try proxies.proxy(for: origin)
        let tunnel = try await openTunnel(to: proxy)
        settings.proxy = proxy.map { HTTPClient.Configuration.Proxy($0, through: tunnel) }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        let answer: Answer
        do {
            answer = try await get(address, with: client, known, receive)
        } catch {
            // What matters has been thrown already.
            try? await client.shutdown()
            if let proxy, let fault = tunnel?.takeFault() {
                throw Failure(address: address, reason: "the proxy \(proxy): \(fault.reason)")
            }
            throw error
        }
        try await client.shutdown()
        withExtendedLifetime(tunnel) {}
        return answer
    }

    /// A proxy that is spoken to by https has to be known to the system's authorities.
    private static func openTunnel(to proxy: Proxy?) async throws -> ProxyTunnel? {
        guard let proxy, proxy.kind == .https else { return nil }
        return try await ProxyTunnel.open(
            to: proxy,
            tls: .makeClientConfiguration(),
            connectTimeout: .seconds(10)
        )
    }

    /// The whole of a small file.
    package static func bytes(
        of address: String,
        proxies: ProxySettings = ProxySettings(),
        limit: Int
    ) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        try await get(address, proxies: proxies) { chunk in
            bytes += chunk
            guard bytes.count <= limit else {
                throw Failure(address: address, reason: "larger than \(limit) bytes")
            }
        }
        return bytes
    }

    private static func get(
        _ address: String,
        with client: HTTPClient,
        _ known: Answer?,
        _ receive: ([UInt8]) async throws -> Void
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: address)
        request.headers.add(name: "User-Agent", value: "berth")
        if let tag = known?.entityTag {
            request.headers.add(name: "If-None-Match", value: tag)
        } else if let date = known?.lastModified {
            request.headers.add(name: "If-Modified-Since", value: date)
        }
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, deadline: .now() + .seconds(60))
        } catch let error as CancellationError {
            throw error
        } catch {
            throw Failure(
                address: address,
                reason: Transport.Fault(error, isBeforeAnswer: true).reason
            )
        }
        var answer = Answer(response.headers)
        if response.status == .notModified, known != nil {
            answer.isUnchanged = true
            return answer
        }
        guard response.status == .ok else {
            throw Failure(
                address: address,
                reason: "the server answered \(response.status.code) "
                    + response.status.reasonPhrase
            )
        }
        var content = response.body.makeAsyncIterator()
        while let buffer = try await next(&content, address) {
            try await receive([UInt8](buffer.readableBytesView))
        }
        return answer
    }

    private static func next(
        _ content: inout HTTPClientResponse.Body.AsyncIterator,
        _ address: String
    ) async throws -> ByteBuffer? {
        do {
            return try await content.next()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw Failure(address: address, reason: Transport.Fault(error).reason)
        }
    }
}

extension FileDownload.Answer {
    fileprivate init(_ headers: HTTPHeaders) {
        entityTag = headers.first(name: "ETag")
        lastModified = headers.first(name: "Last-Modified")
        modifiedSeconds = lastModified.flatMap(HTTPDate.seconds).map(Int64.init)
        fileName = headers.first(name: "Content-Disposition").flatMap(Self.fileName)
    }

    /// `attachment; filename="x.tar"`; RFC 6266.
    private static func fileName(_ text: String) -> String? {
        for part in text.split(separator: ";").dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            let key = pair[0].filter { $0 != " " }.lowercased()
            guard pair.count == 2, key == "filename" else { continue }
            var value = pair[1].drop { $0 == " " }
            while value.last == " " { value.removeLast() }
            if value.first == "\"", value.last == "\"", value.count > 1 {
                value = value.dropFirst().dropLast()
            }
            let name = value.split(separator: "/").last.map(String.init) ?? ""
            return name.isEmpty ? nil : name
        }
        return nil
    }
}
