import Addresses
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A way to a proxy that is spoken to by https: a port of this machine, where what is said to a
/// proxy in plain words is taken, and handed to the real one inside TLS. The http client knows
/// proxies without TLS only.
///
/// Whoever else on this machine finds the port gets no further than to a proxy that asks for its
/// password, as he would without us.
final class ProxyTunnel: Sendable {
    private let channel: any Channel
    private let record: Record

    /// What all connections share.
    private final class Record: Sendable {
        let fault = Mutex<Transport.Fault?>(nil)

        func note(_ error: any Error) {
            let fault = Transport.Fault(error, isBeforeAnswer: true)
            self.fault.withLock { $0 = fault }
        }
    }

    private init(_ channel: any Channel, _ record: Record) {
        self.channel = channel
        self.record = record
    }

    deinit { channel.close(promise: nil) }

    /// Where the proxy seems to be.
    var port: Int { channel.localAddress?.port ?? 0 }

    /// Why the last connection did not come about, once.
    func takeFault() -> Transport.Fault? { record.fault.withLock { $0.take() } }

    static func open(
        to proxy: Proxy,
        tls: TLSConfiguration,
        connectTimeout: TimeAmount
    ) async throws -> ProxyTunnel {
        let context = try NIOSSLContext(configuration: tls)
        let record = Record()
        // A certificate for an address is compared with where the connection leads.
        let name = IPAddress(host: proxy.host) == nil ? proxy.host : nil
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            // Not read before there is somebody to hand it to.
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { near in
                let connected = ClientBootstrap(group: near.eventLoop)
                    .connectTimeout(connectTimeout)
                    .channelInitializer { far in
                        far.eventLoop.makeCompletedFuture {
                            let handlers = far.pipeline.syncOperations
                            try handlers.addHandler(
                                NIOSSLClientHandler(context: context, serverHostname: name)
                            )
                            try handlers.addHandler(Relay(to: near, record))
                        }
                    }
                    .connect(host: proxy.host, port: proxy.port)
                connected.whenComplete { result in
                    switch result {
                    case .success(let far):
                        near.pipeline.addHandler(Relay(to: far, record)).flatMap {
                            near.setOption(.autoRead, value: true)
                        }
                        .whenFailure { _ in near.close(promise: nil) }
                    case .failure(let error):
                        record.note(error)
                        near.close(promise: nil)
                    }
                }
                return near.eventLoop.makeSucceededVoidFuture()
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return ProxyTunnel(channel, record)
    }

    /// Hands what arrives to the other side, no faster than that takes it.
    private final class Relay: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private let other: any Channel
        private let record: Record
        /// Something has come: from now on the other end is to blame for what goes wrong.
        private let isEstablished = Mutex(false)

        init(to other: any Channel, _ record: Record) {
            self.other = other
            self.record = record
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            isEstablished.withLock { $0 = true }
            other.write(unwrapInboundIn(data), promise: nil)
        }

        func channelReadComplete(context: ChannelHandlerContext) { other.flush() }

        func channelWritabilityChanged(context: ChannelHandlerContext) {
            // One that is closed meanwhile needs no brake.
            _ = other.setOption(.autoRead, value: context.channel.isWritable)
        }

        func channelInactive(context: ChannelHandlerContext) {
            // After everything that was handed over.
            other.writeAndFlush(ByteBuffer()).whenComplete { [other] _ in
                other.close(promise: nil)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            if !isEstablished.withLock({ $0 }) { record.note(error) }
            context.close(promise: nil)
        }
    }
}
