import Federation
import FederationIdentity
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// One port with its TLS rules and services.
///
/// The gRPC transport fixes a minimum of TLS 1.2 in its own TLS configuration. It is therefore told to speak plaintext, and our
/// TLS handler is put in front of it as each connection is accepted. `proveThatPlaintextIsRefused` makes sure that the hook ran.
struct FederationListener: Sendable {
    private let name: String
    private let endpoint: Endpoint
    private let transport: HTTP2ServerTransport.Posix
    private let server: GRPCServer<HTTP2ServerTransport.Posix>
    private let logger: Logger
    private let gate: ListenerGate

    /// - Parameter admission: present where a client certificate is required.
    init(
        name: String, endpoint: Endpoint, credentials: ServerCredentials, admission: NodeAdmission?,
        services: [any RegistrableRPCService], handshakeTime: Duration, logger: Logger
    ) throws {
        let gate = ListenerGate()
        let context = try TLSContexts.server(credentials, requiringClientCertificate: admission != nil)
        let verification = PeerVerification(trust: .root(credentials.root), role: .node(federation: credentials.federation))
        let address: GRPCNIOTransportCore.SocketAddress
        if let ip = IPAddress(endpoint.host) {
            address = ip.isVersion6 ? .ipv6(host: endpoint.host, port: endpoint.port) : .ipv4(host: endpoint.host, port: endpoint.port)
        } else if endpoint.host == "localhost" {
            address = .ipv4(host: "127.0.0.1", port: endpoint.port)
        } else {
            throw FederationError(.invalidArgument, "cannot listen on “\(endpoint.host)”: give an IP address, 0.0.0.0 for all")
        }
        let configuration = HTTP2ServerTransport.Posix.Config.defaults { config in
            config.http2.targetWindowSize = WireLimits.windowByteCount
            config.http2.maxConcurrentStreams = 100
            config.rpc.maxRequestPayloadSize = WireLimits.messageByteCount
            // Connections are renewed, so that a renewed certificate is seen and a lost peer is noticed.
            config.connection.maxAge = .seconds(3600)
            config.connection.maxGraceTime = .seconds(600)
            config.connection.keepalive.time = .seconds(30)
            config.connection.keepalive.timeout = .seconds(20)
            config.connection.keepalive.clientBehavior = .init(minPingIntervalWithoutCalls: .seconds(5), allowWithoutCalls: true)
            config.channelDebuggingCallbacks.onAcceptTCPConnection = { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard gate.isOpen else { throw ChannelError.ioOnClosedChannel }
                    let peer = channel.remoteAddress?.description ?? "unknown address"
                    let handler: NIOSSLServerHandler
                    if let admission {
                        handler = NIOSSLServerHandler(
                            context: context,
                            customVerificationCallbackWithMetadata: TLSContexts.callback { chain in
                                do {
                                    let validated = try await verification.verify(chain)
                                    _ = try await admission.node(of: validated[0])
                                    return validated
                                } catch {
                                    logger.notice("connection refused", metadata: ["listener": "\(name)", "peer": "\(peer)", "reason": "\(error)"])
                                    throw error
                                }
                            })
                    } else {
                        handler = NIOSSLServerHandler(context: context)
                    }
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(handler, position: .first)
                    let deadline = HandshakeDeadline(time: handshakeTime) { reason in
                        logger.notice("connection refused", metadata: ["listener": "\(name)", "peer": "\(peer)", "reason": "\(reason)"])
                    }
                    try pipeline.addHandler(deadline, position: .after(handler))
                }
            }
        }
        self.name = name
        self.endpoint = endpoint
        transport = HTTP2ServerTransport.Posix(address: address, transportSecurity: .plaintext, config: configuration)
        server = GRPCServer(transport: transport, services: services)
        self.logger = logger
        self.gate = gate
    }

    var port: Int {
        get async throws {
            do {
                let address = try await transport.listeningAddress
                guard let port = address.ipv4?.port ?? address.ipv6?.port else {
                    throw FederationError(.internalError, "the \(name) listener has no port")
                }
                return port
            } catch let error as FederationError {
                throw error
            } catch {
                throw FederationError(.unavailable, "the \(name) listener on \(endpoint) is not open", cause: error)
            }
        }
    }

    func serve() async throws {
        do {
            let serving = Task { try await server.serve() }
            try await withTaskCancellationHandler {
                try await serving.value
            } onCancel: {
                gate.close { serving.cancel() }
            }
        } catch let error as RuntimeError {
            try Task.checkCancellation()
            guard let cause = error.cause as? IOError else {
                throw FederationError(.internalError, "the \(name) listener on \(endpoint) failed: \(error)", cause: error)
            }
            switch cause.errnoCode {
            case EADDRINUSE:
                throw FederationError(
                    .unavailable, "port \(endpoint.port) on \(endpoint.host) is in use by another process: stop it, or choose another \(name) port", cause: error)
            case EACCES:
                throw FederationError(.failedPrecondition, "no permission to listen on \(endpoint): choose a port above 1023", cause: error)
            case EADDRNOTAVAIL:
                throw FederationError(.failedPrecondition, "\(endpoint.host) is not an address of this machine: use one that is, or 0.0.0.0 for all", cause: error)
            default:
                throw FederationError(.failedPrecondition, "cannot listen on \(endpoint): \(cause)", cause: error)
            }
        }
    }

    func beginGracefulShutdown() { gate.close { server.beginGracefulShutdown() } }

    /// Connects without TLS, as a careless or hostile client would.
    /// - Throws: `FederationError` (`failedPrecondition`) when anything but a refusal comes back.
    func proveThatPlaintextIsRefused() async throws {
        let port: Int
        do { port = try await self.port } catch { return }  // `serve` reports why the port is not open
        let host =
            switch endpoint.host {
            case "0.0.0.0", "localhost": "127.0.0.1"
            case "::": "::1"
            default: endpoint.host
            }
        guard try await PlaintextProbe.isRefused(by: Endpoint(host: host, port: port)) else {
            throw FederationError(
                .failedPrecondition, "the \(name) listener on port \(port) would talk without encryption and is closed again: this build does not fit its gRPC library")
        }
        logger.info("listening", metadata: ["listener": "\(name)", "address": "\(Endpoint(host: endpoint.host, port: port))"])
    }
}

/// Turns new connections away shortly before a listener closes.
///
/// A connection that the operating system has accepted, but nobody takes over because the listener closes in that moment, ends the
/// process in the transport below (its writer is released unfinished). So connections are refused first and the listener closes after.
private final class ListenerGate: Sendable {
    private let closing = Atomic(false)

    var isOpen: Bool { !closing.load(ordering: .acquiring) }

    /// - Parameter then: called after the connections that were being accepted have been taken over.
    func close(then: @escaping @Sendable () -> Void) {
        closing.store(true, ordering: .releasing)
        // Outlives the caller by design: it is the caller that is being cancelled.
        Task.detached {
            try? await Task.sleep(for: .milliseconds(100))
            then()
        }
    }
}
