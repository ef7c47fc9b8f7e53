import CoordinatorCore
import Federation
import FederationGRPC
import FederationIdentity

/// Admits nodes: spends tokens of the registry for certificates of the authority, and answers for both afterwards.
actor RegistryAuthority: EnrolmentAuthority {
    private let registry: any NodeRegistry & AggregationKeyRegistry
    private let authority: CertificateAuthority
    private let clock: any FederationClock
    /// Serial numbers that were seen in the registry; a certificate is never taken out of it.
    private var knownSerials: Set<String> = []

    init(registry: any NodeRegistry & AggregationKeyRegistry, authority: CertificateAuthority, clock: any FederationClock) {
        self.registry = registry
        self.authority = authority
        self.clock = clock
    }

    func enrol(_ request: EnrolmentRequest) async throws -> [[UInt8]] {
        // The request is checked first: a malformed one must not use the token up.
        let key = Digest(try SigningRequest.publicKeyDigest(der: request.signingRequest))
        switch try await registry.consumeToken(request.tokenSecretDigest, for: key, at: clock.now) {
        case .accepted(let node) where node == request.node:
            let chain = try await issue(node, for: request.signingRequest)
            if let key = request.aggregationPublicKey {
                // Every node counts as an organisation of its own until its operator says otherwise.
                try await registry.registerAggregationKey(key, of: node, organisation: node.name)
            }
            return chain
        case .accepted, .unknown:
            throw FederationError(.unauthenticated, "this token is not known here or was revoked: ask the operator for a new one (coordinator token create --node \(request.node))")
        case .expired:
            throw FederationError(.unauthenticated, "this token has expired: ask the operator for a new one (coordinator token create --node \(request.node))")
        case .used:
            throw FederationError(
                .unauthenticated, "this token was used already: a token enrols one node once; ask the operator for a new one (coordinator token create --node \(request.node))")
        }
    }

    func renew(_ request: RenewalRequest) async throws -> [[UInt8]] { try await issue(request.node, for: request.signingRequest) }

    func standing(of node: NodeID, serial: String) async throws -> NodeStanding {
        if try await registry.isRevoked(node, certificateSerial: serial) { return .revoked }
        if knownSerials.contains(serial) { return .admitted }
        knownSerials = Set(try await registry.enrolledNodes().map(\.certificateSerial))
        return knownSerials.contains(serial) ? .admitted : .unknown
    }

    private func issue(_ node: NodeID, for signingRequest: [UInt8]) async throws -> [[UInt8]] {
        let certificate = try authority.issueNode(node.name, request: signingRequest)
        try await registry.enrol(node, certificateSerial: certificate.serialHex, at: clock.now)
        return [try certificate.derBytes(), try authority.certificate.derBytes()]
    }
}
