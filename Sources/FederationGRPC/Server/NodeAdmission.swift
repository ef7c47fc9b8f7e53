import Federation
import FederationIdentity
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Logging
import X509

/// Who is calling, and whether they may: asked at the handshake and at every request.
struct NodeAdmission: Sendable {
    let federation: String
    let authority: any EnrolmentAuthority
    let logger: Logger

    struct Caller: Sendable {
        var node: NodeID
        var serial: String
    }

    /// - Throws: `FederationError` (`unauthenticated`).
    func caller(_ context: ServerContext) async throws -> Caller {
        let specific = context.transportSpecific as? HTTP2ServerTransport.Posix.Context
        guard let certificate = specific?.peerCertificate else {
            throw FederationError(.unauthenticated, "this request needs a client certificate: join the federation first (`edge-node join`)")
        }
        return try await node(of: certificate)
    }

    /// - Throws: `FederationError` (`unauthenticated`).
    func node(of certificate: Certificate) async throws -> Caller {
        let identity: NodeIdentity
        do {
            identity = try NodeIdentity(certificate: certificate)
        } catch {
            throw FederationError(.unauthenticated, "\(error)", cause: error)
        }
        guard identity.federation == federation, let node = NodeID(identity.node) else {
            throw FederationError(.unauthenticated, "the certificate is for the federation “\(identity.federation)”, this is “\(federation)”")
        }
        // A connection may outlive the certificate it was opened with.
        guard certificate.notValidAfter >= Date() else {
            throw FederationError(
                .unauthenticated, "the certificate of node “\(node)” has expired: enrol again with a new token (`coordinator token create --node \(node)`)")
        }
        switch try await authority.standing(of: node, serial: certificate.serialHex) {
        case .admitted:
            return Caller(node: node, serial: certificate.serialHex)
        case .revoked:
            throw FederationError(.unauthenticated, "node “\(node)” was revoked by the operator of the federation: ask for a new join token")
        case .unknown:
            throw FederationError(.unauthenticated, "the coordinator does not know node “\(node)”: enrol again with a new token")
        }
    }
}
