import NIOCore
import NIOSSL
import NIOTLS

/// Closes a connection whose TLS handshake fails or takes too long, and says why; then gets out of the way.
final class HandshakeDeadline: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny
    typealias InboundOut = NIOAny

    private let time: TimeAmount
    private let report: @Sendable (String) -> Void
    private var timer: Scheduled<Void>?

    init(time: Duration, report: @escaping @Sendable (String) -> Void) {
        self.time = TimeAmount(time)
        self.report = report
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        let report = report
        timer = context.eventLoop.scheduleTask(in: time) {
            report("no TLS handshake in time")
            channel.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        if case .handshakeCompleted = event as? TLSUserEvent {
            timer?.cancel()
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        timer?.cancel()
        report(TLSFailure.reason(of: error))
        context.fireErrorCaught(error)
        context.close(promise: nil)
    }
}

/// TLS errors in words.
enum TLSFailure {
    /// For the log of the side that refuses.
    static func reason(of error: any Error) -> String {
        let text = "\(error)"
        if text.contains("HTTP_REQUEST") || text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTPS_PROXY_REQUEST") {
            return "the client does not speak TLS"
        }
        if text.contains("UNSUPPORTED_PROTOCOL") { return "the client offers no TLS 1.3" }
        if text.contains("PEER_DID_NOT_RETURN_A_CERTIFICATE") { return "the client presented no certificate" }
        if text.contains("CERTIFICATE_VERIFY_FAILED") { return "the client's certificate is not acceptable" }
        if text.contains("ALERT") { return "the client refused this server's certificate or handshake (\(text))" }
        return text
    }
}
