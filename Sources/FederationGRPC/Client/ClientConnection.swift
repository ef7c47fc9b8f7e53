import Federation
import FederationIdentity
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import NIOCore
import NIOSSL

/// What a client needs to open TLS connections to one place; new credentials serve the connections opened after.
actor ClientConnection {
    nonisolated let endpoint: Endpoint
    private let trust: PeerVerification.Trust
    private(set) var credentials: NodeCredentials?
    private var context: NIOSSLContext

    init(endpoint: Endpoint, trust: PeerVerification.Trust, credentials: NodeCredentials?) throws {
        self.endpoint = endpoint
        self.trust = trust
        self.credentials = credentials
        context = try TLSContexts.client(credentials)
    }

    func adopt(_ credentials: NodeCredentials) throws {
        context = try TLSContexts.client(credentials)
        self.credentials = credentials
    }

    private func parts() -> (NIOSSLContext, PeerVerification) {
        (context, PeerVerification(trust: trust, role: .coordinator(host: endpoint.host)))
    }

    /// Puts the TLS handler in front of a new connection's pipeline.
    /// - Parameter report: told why the server's certificate is not acceptable.
    nonisolated func secure(_ channel: any Channel, report: @escaping @Sendable (any Error) -> Void = { _ in }) -> EventLoopFuture<Void> {
        let isAddress = IPAddress(endpoint.host) != nil
        let serverName = isAddress ? nil : endpoint.host
        return channel.eventLoop.makeFutureWithTask { await self.parts() }.flatMapThrowing { context, verification in
            let handler = try NIOSSLClientHandler(
                context: context, serverHostname: serverName,
                customVerificationCallbackWithMetadata: TLSContexts.callback { chain in
                    do {
                        return try await verification.verify(chain)
                    } catch {
                        report(error)
                        throw error
                    }
                })
            try channel.pipeline.syncOperations.addHandler(handler, position: .first)
        }
    }

    nonisolated func transport() throws -> HTTP2ClientTransport.Posix {
        let target: any ResolvableTarget
        if let address = IPAddress(endpoint.host) {
            target = address.isVersion6 ? .ipv6(address: endpoint.host, port: endpoint.port) : .ipv4(address: endpoint.host, port: endpoint.port)
        } else {
            target = .dns(host: endpoint.host, port: endpoint.port)
        }
        let configuration = HTTP2ClientTransport.Posix.Config.defaults { config in
            config.http2.targetWindowSize = WireLimits.windowByteCount
            config.http2.authority = endpoint.description
            // Calls fail at once while there is no connection; their own retry decides how long to go on.
            config.backoff = .init(initial: .milliseconds(200), max: .seconds(5), multiplier: 1.6, jitter: 0.2)
            config.connection.keepalive = .init(time: .seconds(20), timeout: .seconds(20), allowWithoutCalls: false)
            config.channelDebuggingCallbacks.onCreateTCPConnection = { channel in self.secure(channel) }
        }
        return try HTTP2ClientTransport.Posix(target: target, transportSecurity: .customSecure, config: configuration)
    }
}
