import Federation
import FederationIdentity
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// Finds out why no connection comes about: gRPC says only “unavailable”. Opens one connection of its own and watches it.
enum ConnectionDiagnosis {
    enum Finding: Sendable {
        /// The other end completed the handshake and sent something.
        case works
        case notReached(any Error)
        /// Its certificate is not acceptable to us.
        case untrusted(any Error)
        /// It broke off with this error, usually an alert.
        case brokeOff((any Error)?)
        case silent
    }

    static func examine(_ connection: ClientConnection) async -> Finding {
        let group = MultiThreadedEventLoopGroup.singleton
        let loop = group.next()
        let finding = loop.makePromise(of: Finding.self)
        defer { finding.succeed(.silent) }
        do {
            let channel = try await ClientBootstrap(group: group)
                .connectTimeout(.seconds(5))
                .channelInitializer { channel in
                    connection.secure(channel) { finding.succeed(.untrusted($0)) }.flatMapThrowing {
                        try channel.pipeline.syncOperations.addHandler(DiagnosisHandler(finding: finding))
                    }
                }
                .connect(host: connection.endpoint.host, port: connection.endpoint.port).get()
            let timer = loop.scheduleTask(in: .seconds(5)) { finding.succeed(.silent) }
            let result = try await finding.futureResult.get()
            timer.cancel()
            try? await channel.close()
            return result
        } catch {
            return .notReached(error)
        }
    }

    /// The error to show for a call that failed as `unavailable`.
    static func explain(_ failure: FederationError, _ connection: ClientConnection) async -> FederationError {
        let endpoint = connection.endpoint
        let credentials = await connection.credentials
        if let credentials {
            do {
                try credentials.checkValidity()
            } catch {
                return FederationError(.unauthenticated, "\(error)", cause: failure)
            }
        }
        switch await examine(connection) {
        case .works, .silent:
            return failure
        case .notReached(let error):
            return FederationError(.unavailable, reason(notReached: error, endpoint), cause: failure)
        case .untrusted(let error):
            return FederationError(.unauthenticated, "the coordinator at \(endpoint) cannot be trusted: \(error)", cause: failure)
        case .brokeOff(let error):
            let text = error.map { "\($0)" } ?? ""
            if text.contains("ALERT_CERTIFICATE_REQUIRED") {
                return FederationError(.unauthenticated, "\(endpoint) asks for a client certificate: this is the federation port; enrol at the enrolment port first", cause: failure)
            }
            if text.contains("ALERT"), text.contains("CERTIFICATE") || text.contains("UNKNOWN_CA") {
                let node = credentials?.identity.node ?? "this node"
                return FederationError(
                    .unauthenticated,
                    "the coordinator at \(endpoint) refuses the certificate of “\(node)”: it was revoked, or belongs to another federation; its operator sees why in the coordinator's log (`coordinator nodes list`)",
                    cause: failure)
            }
            if text.contains("WRONG_VERSION_NUMBER") || text.contains("UNSUPPORTED_PROTOCOL") || text.contains("PROTOCOL_VERSION") {
                return FederationError(.failedPrecondition, "what answers at \(endpoint) does not speak TLS 1.3: check host and port", cause: failure)
            }
            return failure
        }
    }

    private static func reason(notReached error: any Error, _ endpoint: Endpoint) -> String {
        if let error = error as? NIOConnectionError {
            if error.connectionErrors.isEmpty {
                return "the host “\(endpoint.host)” cannot be found: check its name and the network"
            }
            let codes = error.connectionErrors.compactMap { ($0.error as? IOError)?.errnoCode }
            if codes.contains(ECONNREFUSED) {
                return "nobody listens at \(endpoint): check the address and that the coordinator is running (`coordinator serve`)"
            }
        }
        return "\(endpoint) cannot be reached: \(error)"
    }
}

private final class DiagnosisHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let finding: EventLoopPromise<ConnectionDiagnosis.Finding>

    init(finding: EventLoopPromise<ConnectionDiagnosis.Finding>) { self.finding = finding }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { finding.succeed(.works) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finding.succeed(.brokeOff(error))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { finding.succeed(.brokeOff(nil)) }
}
