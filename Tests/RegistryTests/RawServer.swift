import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A server that writes bytes instead of answers: whatever no well-meant library would send. With
/// a context it speaks TLS.
final class RawServer: Sendable {
    enum Act: Sendable {
        case send(String)
        /// Again and again for as long as somebody takes it.
        case endlessly([UInt8])
        /// One byte at a time, with a pause after each.
        case drip([UInt8], TimeAmount)
        case close
        /// Closes so that the other side sees ECONNRESET.
        case reset
    }

    private let channel: any Channel
    private let seen: Seen

    final class Seen: Sendable {
        let requests = Mutex<[String]>([])
        let ended = Mutex(0)
        let behaviour: @Sendable (String) -> [Act]
        init(_ behaviour: @escaping @Sendable (String) -> [Act]) { self.behaviour = behaviour }
    }

    init(
        tls: NIOSSLContext? = nil,
        _ behaviour: @escaping @Sendable (String) -> [Act]
    ) async throws {
        let seen = Seen(behaviour)
        self.seen = seen
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let handler = NIOSSLServerHandler(context: tls)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    try channel.pipeline.syncOperations.addHandler(Handler(seen))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    deinit { channel.close(promise: nil) }

    var port: Int { channel.localAddress?.port ?? 0 }
    var authority: String { "127.0.0.1:\(port)" }
    /// The heads of requests, as they came.
    var requests: [String] { seen.requests.withLock { $0 } }
    /// How many connections have ended.
    var ended: Int { seen.ended.withLock { $0 } }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let seen: Seen
        private var head = ""
        private var endless: [UInt8]?

        init(_ seen: Seen) { self.seen = seen }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            head += String(buffer: unwrapInboundIn(data))
            guard head.contains("\r\n\r\n") else { return }
            let request = head
            head = ""
            seen.requests.withLock { $0.append(request) }
            for act in seen.behaviour(request) { perform(act, context) }
        }

        func channelInactive(context: ChannelHandlerContext) {
            endless = nil
            seen.ended.withLock { $0 += 1 }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }

        private func perform(_ act: Act, _ context: ChannelHandlerContext) {
            switch act {
            case .send(let text):
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            case .endlessly(let bytes):
                endless = bytes
                pump(context)
            case .drip(let bytes, let pause): drip(bytes[...], pause, context)
            case .close: context.close(promise: nil)
            case .reset:
                let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
                (context.channel as? any SocketOptionProvider)?
                    .setSoLinger(linger(l_onoff: 1, l_linger: 0))
                    .whenComplete { _ in loopBound.value.close(promise: nil) }
            }
        }

        private func pump(_ context: ChannelHandlerContext) {
            guard let endless, context.channel.isActive else { return }
            let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: endless))).whenSuccess {
                bound.value.pump(loopBound.value)
            }
        }

        private func drip(
            _ bytes: ArraySlice<UInt8>,
            _ pause: TimeAmount,
            _ context: ChannelHandlerContext
        ) {
            guard let byte = bytes.first, context.channel.isActive else { return }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [byte])), promise: nil)
            let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: pause) {
                bound.value.drip(bytes.dropFirst(), pause, loopBound.value)
            }
        }
    }
}
