public import Federation
public import FederationIdentity
import GRPCCore
import GRPCNIOTransportHTTP2Posix
public import Logging
public import ServiceLifecycle

/// The coordinator's two listeners: enrolment (server certificate only, that service only) and federation (client certificate
/// required). TLS 1.3 and nothing else.
public struct FederationServer: Service {
    public struct Configuration: Sendable, Hashable {
        /// Where nodes enrol. Port 0 lets the system choose.
        public var enrolment: Endpoint
        /// Where nodes work. Port 0 lets the system choose.
        public var federation: Endpoint
        /// How long requests in progress may take when the server is being stopped.
        public var drainTime: Duration
        /// How long a connection may take for its TLS handshake.
        public var handshakeTime: Duration

        public init(
            enrolment: Endpoint, federation: Endpoint, drainTime: Duration = .seconds(3), handshakeTime: Duration = .seconds(10)
        ) {
            self.enrolment = enrolment
            self.federation = federation
            self.drainTime = drainTime
            self.handshakeTime = handshakeTime
        }
    }

    private let enrolment: FederationListener
    private let federation: FederationListener
    private let configuration: Configuration
    private let logger: Logger

    /// - Parameters:
    ///   - authority: asked about tokens, certificates and revocation.
    ///   - session: the coordinator as the node with this name sees it.
    /// - Throws: `FederationError` or `IdentityError` when the credentials cannot be used for TLS.
    public init(
        configuration: Configuration, credentials: ServerCredentials, authority: any EnrolmentAuthority,
        session: @escaping @Sendable (NodeID) async throws -> any CoordinatorPort, logger: Logger
    ) throws {
        let admission = NodeAdmission(federation: credentials.federation, authority: authority, logger: logger)
        let federation = try FederationListener(
            name: "federation", endpoint: configuration.federation, credentials: credentials, admission: admission,
            services: [FederationService(admission: admission, authority: authority, session: session, logger: logger)],
            handshakeTime: configuration.handshakeTime, logger: logger)
        self.federation = federation
        enrolment = try FederationListener(
            name: "enrolment", endpoint: configuration.enrolment, credentials: credentials, admission: nil,
            services: [EnrolmentService(authority: authority, federationPort: { try await federation.port }, logger: logger)],
            handshakeTime: configuration.handshakeTime, logger: logger)
        self.configuration = configuration
        self.logger = logger
    }

    /// The ports in use; waits until `run()` has opened them.
    /// - Throws: `FederationError` when they could not be opened.
    public var ports: (enrolment: Int, federation: Int) {
        get async throws { (try await enrolment.port, try await federation.port) }
    }

    /// Serves until shut down gracefully or cancelled. Before it counts as started, each listener proves that it refuses plaintext.
    /// - Throws: `FederationError`: `unavailable` when a port is in use, `failedPrecondition` when a listener would talk plaintext.
    public func run() async throws {
        let listeners = [federation, enrolment]
        enum Part { case served, proven, drained }
        try await withThrowingTaskGroup(of: Part.self) { group in
            for listener in listeners {
                group.addTask {
                    try await listener.serve()
                    return .served
                }
            }
            group.addTask {
                for listener in listeners { try await listener.proveThatPlaintextIsRefused() }
                return .proven
            }
            group.addTask {
                // Ends when a graceful shutdown begins, and then allows requests in progress a little time.
                do {
                    try await gracefulShutdown()
                } catch {
                    return .proven
                }
                for listener in listeners { listener.beginGracefulShutdown() }
                try? await Task.sleep(for: configuration.drainTime)
                return .drained
            }
            var served = 0
            var isStopping = false
            while true {
                do {
                    guard let part = try await group.next() else { break }
                    if part == .served { served += 1 }
                    if part == .drained || served == listeners.count {
                        isStopping = true
                        group.cancelAll()
                    }
                } catch is CancellationError where isStopping {
                    continue
                }
            }
        }
    }
}
