import Crypto
import Federation
import FederationGRPC
import FederationIdentity
import Foundation

/// Tokens, nodes and revocations in memory, with a real certificate authority.
actor TestAuthority: EnrolmentAuthority {
    let ca: CertificateAuthority
    private var tokens: [Federation.Digest: (node: NodeID, expires: Date, key: SHA256.Digest?)] = [:]
    private var nodes: Set<NodeID> = []
    private var revoked: Set<String> = []
    private(set) var handshakes = 0

    init(ca: CertificateAuthority) { self.ca = ca }

    func makeToken(_ node: String, expires: Date = Date(timeIntervalSinceNow: 3600)) throws -> JoinToken {
        let token = try JoinToken(node: node, rootFingerprint: try ca.fingerprint())
        tokens[Federation.Digest(token.secretDigest)] = (NodeID(node)!, expires, nil)
        return token
    }

    func admit(_ node: String) { nodes.insert(NodeID(node)!) }
    func revoke(_ nodeOrSerial: String) { revoked.insert(nodeOrSerial) }

    func enrol(_ request: EnrolmentRequest) throws -> [[UInt8]] {
        guard var token = tokens[request.tokenSecretDigest], token.node == request.node else {
            throw FederationError(.unauthenticated, "the token is not known: ask for a new one")
        }
        guard token.expires > Date() else { throw FederationError(.unauthenticated, "the token has expired: ask for a new one") }
        let key = try SigningRequest.publicKeyDigest(der: request.signingRequest)
        guard token.key == nil || token.key == key else { throw FederationError(.unauthenticated, "the token was used before: ask for a new one") }
        token.key = key
        tokens[request.tokenSecretDigest] = token
        nodes.insert(request.node)
        return try chain(request.node, request.signingRequest)
    }

    func renew(_ request: RenewalRequest) throws -> [[UInt8]] { try chain(request.node, request.signingRequest) }

    func standing(of node: NodeID, serial: String) -> NodeStanding {
        if revoked.contains(node.name) || revoked.contains(serial) { return .revoked }
        return nodes.contains(node) ? .admitted : .unknown
    }

    private func chain(_ node: NodeID, _ request: [UInt8]) throws -> [[UInt8]] {
        try [try ca.issueNode(node.name, request: request), ca.certificate].map { try $0.derBytes() }
    }
}
