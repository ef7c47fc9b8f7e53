public import Crypto
import Federation
public import FederationIdentity
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
public import Logging
import SwiftProtobuf
import X509

/// A node's private key for TLS.
public typealias NodeKey = P256.Signing.PrivateKey

/// Exchanges a join token for a certificate. The first handshake already accepts no certificate authority but the token's.
public struct EnrolmentClient: Sendable {
    private let token: JoinToken
    private let connection: ClientConnection
    private let retry: RetryPolicy
    private let logger: Logger

    /// What enrolment yields.
    public struct Enrolment: Sendable {
        public var credentials: NodeCredentials
        /// The coordinator's federation port on the host of the enrolment port.
        public var federationPort: Int
    }

    /// - Parameter endpoint: the coordinator's enrolment port.
    public init(endpoint: Endpoint, token: JoinToken, retry: RetryPolicy = RetryPolicy(), logger: Logger) throws {
        self.token = token
        connection = try ClientConnection(endpoint: endpoint, trust: .fingerprint(token.rootFingerprint), credentials: nil)
        self.retry = retry
        self.logger = logger
    }

    /// Repeating it with the same key after a lost answer is safe.
    /// - Parameters:
    ///   - key: made on this machine; it does not leave it.
    ///   - aggregationKey: for secure aggregation; its possession is proven too.
    /// - Throws: `FederationError`: `unauthenticated` for a token that is unknown, expired or used and for a server that is not the
    ///   token's; `unavailable` when nobody answers; `corrupted` when the answer is not a certificate for this key.
    public func enrol(key: NodeKey, aggregationKey: Curve25519.Signing.PrivateKey?) async throws -> Enrolment {
        let signingRequest = try SigningRequest.make(node: token.node, key: key)
        let proof = try aggregationKey.map { try $0.signature(for: signingRequest) }
        let request = Tributary_Federation_V1_EnrolRequest.with {
            $0.node = token.node
            $0.tokenSecret = Data(token.secret)
            $0.certificateSigningRequest = Data(signingRequest)
            if let aggregationKey, let proof {
                $0.aggregationPublicKey = aggregationKey.publicKey.rawRepresentation
                $0.aggregationKeyProof = proof
            }
        }
        let transport = try connection.transport()
        let response = try await withGRPCClient(transport: transport) { grpc in
            try await Retrying(policy: retry, connection: connection, logger: logger).run {
                try await Tributary_Federation_V1_Enrolment.Client(wrapping: grpc).enrol(request, options: GRPCCoordinatorClient.options(time: .seconds(30)))
            }
        }
        let chain = response.certificateChain.map { [UInt8]($0) }
        guard let last = chain.last, Array(SHA256.hash(data: last)) == token.rootFingerprint else {
            throw FederationError(.corrupted, "the coordinator's answer does not end in the certificate authority of the token")
        }
        let root = try CertificateChain.parse(der: [last])[0]
        guard let port = UInt16(exactly: response.federationPort) else { throw FederationError(.corrupted, "the coordinator's answer names no port") }
        return Enrolment(
            credentials: try await IssuedChain.credentials(chain, key: key, node: token.node, root: root), federationPort: Int(port))
    }
}

/// Checks of a certificate that has just been issued.
enum IssuedChain {
    static func credentials(_ der: [[UInt8]], key: NodeKey, node: String, root: Certificate) async throws -> NodeCredentials {
        do {
            let chain = try CertificateChain.parse(der: der)
            let credentials = try NodeCredentials(chain: chain, privateKey: key)
            guard credentials.identity.node == node else {
                throw IdentityError(.wrongName, "it is for “\(credentials.identity.node)”, not for “\(node)”")
            }
            _ = try await PeerVerification(trust: .root(root), role: .node(federation: credentials.identity.federation)).verify(chain)
            return credentials
        } catch let error as IdentityError {
            throw FederationError(.corrupted, "the coordinator sent a certificate that cannot be used: \(error)", cause: error)
        }
    }
}
