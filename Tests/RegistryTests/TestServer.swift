import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A server on loopback that answers as a test tells it to, wrongly too, and remembers what it was
/// asked.
final class TestServer: Sendable {
    struct Request: Sendable {
        var method: String
        /// Path and query.
        var uri: String
        var headers: HTTPHeaders
        var body: [UInt8] = []
        /// The rest of the body was not waited for.
        var isCut = false

        /// The path alone.
        var path: String { String(uri.prefix { $0 != "?" }) }
        var authorization: String? { headers.first(name: "Authorization") }
    }

    struct Answer: Sendable {
        var status = 200
        var headers: HTTPHeaders = [:]
        var body: [UInt8] = []
        /// Sends only so much of the body, then closes the connection.
        var cutAfter: Int?
        /// Closes the connection without an answer.
        var hangsUp = false
        /// Never answers.
        var isSilent = false

        static func status(_ status: Int, _ headers: HTTPHeaders = [:]) -> Answer {
            Answer(status: status, headers: headers)
        }

        static func redirect(_ location: String, _ status: Int = 307) -> Answer {
            Answer(status: status, headers: ["Location": location])
        }
    }

    typealias Behaviour = @Sendable (Request) -> Answer

    private let channel: any Channel
    private let recorded: Recorded

    /// What the handlers of all connections share.
    final class Recorded: Sendable {
        let requests = Mutex<[Request]>([])
        let behaviour: Behaviour
        let cutting: @Sendable (Request) -> Int?

        init(_ behaviour: @escaping Behaviour, _ cutting: @escaping @Sendable (Request) -> Int?) {
            self.behaviour = behaviour
            self.cutting = cutting
        }
    }

    /// `cutting` says after how many bytes of a request's body the connection is closed; the
    /// behaviour is asked about what has arrived then.
    init(
        cutting: @escaping @Sendable (Request) -> Int? = { _ in nil },
        _ behaviour: @escaping Behaviour
    ) async throws {
        let recorded = Recorded(behaviour, cutting)
        self.recorded = recorded
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(recorded))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    deinit { channel.close(promise: nil) }

    var port: Int { channel.localAddress?.port ?? 0 }
    var authority: String { "127.0.0.1:\(port)" }
    /// The same server under another name: another origin.
    var otherName: String { "localhost:\(port)" }
    var requests: [Request] { recorded.requests.withLock { $0 } }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let recorded: Recorded
        private var request: Request?

        init(_ recorded: Recorded) { self.recorded = recorded }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                request = Request(
                    method: head.method.rawValue,
                    uri: head.uri,
                    headers: head.headers
                )
            case .body(let bytes):
                request?.body += bytes.readableBytesView
                guard var request, let limit = recorded.cutting(request),
                    request.body.count > limit
                else { return }
                request.body.removeLast(request.body.count - limit)
                request.isCut = true
                self.request = nil
                recorded.requests.withLock { $0.append(request) }
                _ = recorded.behaviour(request)
                context.close(promise: nil)
            case .end:
                guard let request else { return }
                recorded.requests.withLock { $0.append(request) }
                send(recorded.behaviour(request), to: request, context)
            }
        }

        private func send(_ answer: Answer, to request: Request, _ context: ChannelHandlerContext) {
            guard !answer.isSilent else { return }
            guard !answer.hangsUp else { return context.close(promise: nil) }
            var headers = answer.headers
            if !headers.contains(name: "Content-Length"),
                !headers.contains(name: "Transfer-Encoding")
            {
                headers.add(name: "Content-Length", value: "\(answer.body.count)")
            }
            let head = HTTPResponseHead(
                version: .http1_1,
                status: .init(statusCode: answer.status),
                headers: headers
            )
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            if request.method != "HEAD" {
                let body = answer.body.prefix(answer.cutAfter ?? .max)
                context.write(
                    wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))),
                    promise: nil
                )
            }
            if answer.cutAfter != nil {
                context.flush()
                return context.close(promise: nil)
            }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
