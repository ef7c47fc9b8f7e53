import Crypto
import Federation
import FederationGRPC
import FederationIdentity
import Foundation
import Logging

/// A federation on the loopback interface with certificates of its own.
struct TestFederation: Sendable {
    let ca: CertificateAuthority
    let authority: TestAuthority
    let coordinator = MemoryCoordinator()
    let log = LogLines()
    var hosts = ["127.0.0.1", "localhost"]
    var serverLifetime: TimeInterval = 3600
    var federationPort = 0

    init(name: String = "acme") throws {
        ca = try CertificateAuthority.create(federation: name)
        authority = TestAuthority(ca: ca)
    }

    /// A node with a certificate, as after enrolment.
    func credentials(_ node: String, issuedBy issuer: CertificateAuthority? = nil, now: Date = Date(), lifetime: TimeInterval = 3600) async throws -> NodeCredentials {
        let issuer = issuer ?? ca
        let key = P256.Signing.PrivateKey()
        let leaf = try issuer.issueNode(node, request: try SigningRequest.make(node: node, key: key), now: now, lifetime: lifetime)
        await authority.admit(node)
        return try NodeCredentials(chain: [leaf, issuer.certificate], privateKey: key)
    }

    func serverCredentials() throws -> ServerCredentials { try ServerCredentials(authority: ca, hosts: hosts, lifetime: serverLifetime) }

    struct Ports: Sendable {
        var enrolment: Endpoint
        var federation: Endpoint
    }

    func server(session: (@Sendable (NodeID) async throws -> any CoordinatorPort)? = nil) throws -> FederationServer {
        let coordinator = coordinator
        return try FederationServer(
            configuration: .init(enrolment: Endpoint(host: "127.0.0.1", port: 0), federation: Endpoint(host: "127.0.0.1", port: federationPort)),
            credentials: try serverCredentials(), authority: authority,
            session: session ?? { node in MemorySession(coordinator: coordinator, node: node) }, logger: log.logger)
    }

    /// Runs the server while the closure runs.
    func serving<Result: Sendable>(
        session: (@Sendable (NodeID) async throws -> any CoordinatorPort)? = nil, _ body: @Sendable @escaping (Ports) async throws -> Result
    ) async throws -> Result {
        let server = try server(session: session)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                do {
                    try await server.run()
                } catch is CancellationError {}
                return nil
            }
            group.addTask {
                let ports = try await server.ports
                return try await body(
                    Ports(enrolment: Endpoint(host: "127.0.0.1", port: ports.enrolment), federation: Endpoint(host: "127.0.0.1", port: ports.federation)))
            }
            defer { group.cancelAll() }
            while let next = try await group.next() {
                if let next { return next }
            }
            throw CancellationError()
        }
    }

    /// Runs a client while the closure runs.
    func client<Result: Sendable>(
        _ endpoint: Endpoint, _ credentials: NodeCredentials, attempts: Int = 3,
        _ body: @Sendable @escaping (GRPCCoordinatorClient) async throws -> Result
    ) async throws -> Result {
        let client = try GRPCCoordinatorClient(
            endpoint: endpoint, credentials: credentials,
            configuration: .init(retry: RetryPolicy(attempts: attempts, initialDelay: .milliseconds(20), maximumDelay: .milliseconds(400))), logger: log.logger)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                do {
                    try await client.run()
                } catch is CancellationError {}
                return nil
            }
            group.addTask { try await body(client) }
            defer { group.cancelAll() }
            while let next = try await group.next() {
                if let next { return next }
            }
            throw CancellationError()
        }
    }
}

/// The error of a call that must fail with one.
func federationError(_ body: () async throws -> some Any) async -> FederationError? {
    do {
        _ = try await body()
        return nil
    } catch let error as FederationError {
        return error
    } catch {
        return FederationError(.internalError, "not a FederationError: \(error)")
    }
}

/// Pseudo-random bytes that are the same in every run.
func bytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 33)
    }
}
