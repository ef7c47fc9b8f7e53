import NIOCore
import NIOPosix

/// Opens a connection without TLS and looks whether HTTP/2 answers.
enum PlaintextProbe {
    /// - Returns: whether the connection was closed, or answered with a TLS alert, and with nothing else.
    static func isRefused(by endpoint: Endpoint) async throws -> Bool {
        let group = MultiThreadedEventLoopGroup.singleton
        let verdict = group.next().makePromise(of: Bool.self)
        do {
            let channel = try await ClientBootstrap(group: group)
                .connectTimeout(.seconds(5))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(PlaintextProbeHandler(verdict: verdict))
                    }
                }
                .connect(host: endpoint.host, port: endpoint.port).get()
            let refused = try await verdict.futureResult.get()
            try? await channel.close()
            return refused
        } catch {
            verdict.succeed(false)
            throw error
        }
    }
}

private final class PlaintextProbeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let verdict: EventLoopPromise<Bool>
    private var isRefused = true
    private static let tlsAlert: UInt8 = 21

    init(verdict: EventLoopPromise<Bool>) { self.verdict = verdict }

    func channelActive(context: ChannelHandlerContext) {
        // The HTTP/2 connection preface and an empty SETTINGS frame (RFC 9113 §3.4).
        var bytes = context.channel.allocator.buffer(string: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        bytes.writeBytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        // A listener that neither answers nor closes is no plaintext server either; its own deadline closes it.
        let verdict = verdict
        context.eventLoop.scheduleTask(in: .seconds(5)) { verdict.succeed(true) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) != Self.tlsAlert {
            isRefused = false
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { verdict.succeed(isRefused) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
