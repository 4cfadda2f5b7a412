import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A proxy that knows CONNECT, one target and one password.
final class ConnectProxy: Sendable {
    private let channel: any Channel

    /// Connections to `name` end at `port` of this machine; all others are refused.
    /// With `tls` it is spoken to by https.
    init(
        to port: Int,
        for name: String,
        password: String,
        tls: NIOSSLContext? = nil
    ) async throws {
        let record = Record()
        self.record = record
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLServerHandler(context: tls)
                        )
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        Handler(port: port, name: name, password: password, record)
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    private let record: Record

    private final class Record: Sendable { let targets = Mutex<[String]>([]) }

    deinit { channel.close(promise: nil) }

    var authority: String { "127.0.0.1:\(channel.localAddress?.port ?? 0)" }
    /// What CONNECT was asked for.
    var targets: [String] { record.targets.withLock { $0 } }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let port: Int
        private let name: String
        private let password: String
        private let record: Record
        private var head = ""
        private var far: (any Channel)?

        init(port: Int, name: String, password: String, _ record: Record) {
            self.port = port
            self.name = name
            self.password = password
            self.record = record
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if let far {
                far.writeAndFlush(unwrapInboundIn(data), promise: nil)
                return
            }
            head += String(buffer: unwrapInboundIn(data))
            guard head.contains("\r\n\r\n") else { return }
            let target = head.split(separator: " ").dropFirst().first.map(String.init) ?? ""
            record.targets.withLock { $0.append(target) }
            let isKnown = head.lowercased().contains(
                "proxy-authorization: \(password.lowercased())\r\n"
            )
            guard isKnown else { return refuse("407 Proxy Authentication Required", context) }
            guard target == name else { return refuse("502 Bad Gateway", context) }
            connect(context)
        }

        func channelInactive(context: ChannelHandlerContext) { far?.close(promise: nil) }

        private func refuse(_ status: String, _ context: ChannelHandlerContext) {
            let text = "HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n"
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            context.close(promise: nil)
        }

        private func connect(_ context: ChannelHandlerContext) {
            let near = context.channel
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            ClientBootstrap(group: context.eventLoop)
                .channelInitializer { $0.pipeline.addHandler(Back(to: near)) }
                .connect(host: "127.0.0.1", port: port)
                .whenComplete { result in
                    guard case .success(let far) = result else {
                        return near.close(promise: nil)
                    }
                    bound.value.far = far
                    let text = "HTTP/1.1 200 Connection established\r\n\r\n"
                    near.writeAndFlush(ByteBuffer(string: text), promise: nil)
                }
        }
    }

    /// What comes from the target goes to the client.
    private final class Back: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private let near: any Channel
        init(to near: any Channel) { self.near = near }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            near.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { near.close(promise: nil) }
    }
}
