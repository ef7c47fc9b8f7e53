public import Federation
public import FederationIdentity
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
public import Logging
public import ServiceLifecycle
import SwiftProtobuf

/// The coordinator as a node sees it over the network. Calls work while `run()` runs.
///
/// A call that failed because nobody answered is repeated with growing, jittered delays; requests are idempotent. When all
/// attempts fail the error says why no connection comes about.
public struct GRPCCoordinatorClient: CoordinatorPort, Service {
    public struct Configuration: Sendable, Hashable {
        public var retry: RetryPolicy
        /// How long a request other than a transfer or a long poll may take.
        public var requestTime: Duration
        /// How long one attempt at a download or upload may take.
        public var transferTime: Duration

        public init(retry: RetryPolicy = RetryPolicy(), requestTime: Duration = .seconds(30), transferTime: Duration = .seconds(3600)) {
            self.retry = retry
            self.requestTime = requestTime
            self.transferTime = transferTime
        }
    }

    let grpc: GRPCClient<HTTP2ClientTransport.Posix>
    let connection: ClientConnection
    let configuration: Configuration
    let logger: Logger

    /// - Parameter endpoint: the coordinator's federation port.
    /// - Throws: `FederationError` when the credentials cannot be used for TLS.
    public init(endpoint: Endpoint, credentials: NodeCredentials, configuration: Configuration = Configuration(), logger: Logger) throws {
        connection = try ClientConnection(endpoint: endpoint, trust: .root(credentials.root), credentials: credentials)
        grpc = GRPCClient(transport: try connection.transport())
        self.configuration = configuration
        self.logger = logger
    }

    /// Keeps the connection until shut down gracefully or cancelled.
    public func run() async throws {
        try await withGracefulShutdownHandler {
            do {
                try await grpc.runConnections()
            } catch let error as RuntimeError {
                try Task.checkCancellation()
                throw FederationError(.internalError, "the connection to the coordinator failed: \(error)", cause: error)
            }
        } onGracefulShutdown: {
            grpc.beginGracefulShutdown()
        }
    }

    /// Connections opened from now on use these credentials.
    public func adopt(_ credentials: NodeCredentials) async throws { try await connection.adopt(credentials) }

    // MARK: CoordinatorPort

    public func currentPlan() async throws -> PlanOffer? {
        try await call(time: configuration.requestTime) { service, options in
            try await service.getCurrentPlan(.init(), options: options).offer()
        }
    }

    public func join(_ declaration: JoinDeclaration) async throws {
        try await call(time: configuration.requestTime) { service, options in
            _ = try await service.join(.init(declaration), options: options)
        }
    }

    public func nextAssignment(_ poll: AssignmentPoll) async throws -> Assignment {
        try await call(time: configuration.requestTime + poll.patience) { service, options in
            try await service.nextAssignment(.init(poll), options: options).assignment()
        }
    }

    public func uploadStatus(of header: UpdateHeader) async throws -> UploadStatus {
        try await call(time: configuration.requestTime) { service, options in
            try await service.uploadStatus(.with { $0.header = .init(header) }, options: options).state.status()
        }
    }

    public func exchange(_ exchange: AggregationExchange) async throws -> AggregationMail {
        try await call(time: configuration.requestTime + exchange.patience) { service, options in
            try await service.exchange(.init(exchange), options: options).mail()
        }
    }

    public func decline(_ round: RoundNumber, of plan: Digest, reason: DeclineReason) async throws {
        try await call(time: configuration.requestTime) { service, options in
            _ = try await service.decline(.init(round: round, plan: plan, reason: reason), options: options)
        }
    }

    // MARK: Certificates

    /// A certificate for a new key, obtained with the certificate in use. Store it, then `adopt` it.
    /// - Throws: `FederationError`; `corrupted` when the answer is not a certificate of this node for this key.
    public func renewCertificate(for key: NodeKey) async throws -> NodeCredentials {
        guard let current = await connection.credentials else { throw FederationError(.failedPrecondition, "there is no certificate to renew") }
        let request = try SigningRequest.make(node: current.identity.node, key: key)
        let chain = try await call(time: configuration.requestTime) { service, options in
            try await service.renewCertificate(.with { $0.certificateSigningRequest = Data(request) }, options: options).certificateChain.map { [UInt8]($0) }
        }
        return try await IssuedChain.credentials(chain, key: key, node: current.identity.node, root: current.root)
    }

    // MARK: Retrying

    typealias Service = Tributary_Federation_V1_Federation.Client<HTTP2ClientTransport.Posix>

    func call<Result: Sendable>(time: Duration, _ body: (Service, CallOptions) async throws -> Result) async throws -> Result {
        try await Retrying(policy: configuration.retry, connection: connection, logger: logger).run {
            try await body(Service(wrapping: grpc), Self.options(time: time))
        }
    }

    static func options(time: Duration) -> CallOptions {
        var options = CallOptions.defaults
        options.timeout = time
        options.waitForReady = false
        options.maxRequestMessageBytes = WireLimits.messageByteCount
        options.maxResponseMessageBytes = WireLimits.messageByteCount
        return options
    }
}
