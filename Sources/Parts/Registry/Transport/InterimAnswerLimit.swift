import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Lets a few interim answers (1xx: RFC 9110, 15.2) pass before each answer, as many as Go's client
/// does, and gives up on a server that sends more: each takes time, and none is the answer.
final class InterimAnswerLimit: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = HTTPClientResponsePart

    static let limit = 5

    /// More of them than that.
    struct Exceeded: Error {}

    private var count = 0
    private var isOver = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        if case .head(let head) = unwrapInboundIn(data) {
            count = (100...199).contains(head.status.code) ? count + 1 : 0
            guard count <= Self.limit else {
                isOver = true
                context.fireErrorCaught(Exceeded())
                return context.close(promise: nil)
            }
        }
        context.fireChannelRead(data)
    }

    /// Puts one behind the decoder of an HTTP/1.1 connection.
    static func add(to channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPResponseDecoder>.self)
        try pipeline.addHandler(InterimAnswerLimit(), position: .after(decoder))
    }
}
