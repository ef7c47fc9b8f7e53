public import Federation

/// What the listeners ask about nodes and their certificates; the application backs it with its registry of nodes and the
/// certificate authority.
public protocol EnrolmentAuthority: Sendable {
    /// Spends a token for a certificate. The request repeated with the same key (`SigningRequest.publicKeyDigest`) is answered again;
    /// the token with another key is refused.
    /// - Returns: the chain as DER, leaf first, root last.
    /// - Throws: `FederationError`: `unauthenticated` when the token is unknown, expired, used or of another node;
    ///   `invalidArgument` when the signing request is not acceptable.
    func enrol(_ request: EnrolmentRequest) async throws -> [[UInt8]]

    /// A certificate for a new key of a node whose present certificate has just been checked.
    /// - Returns: the chain as DER, leaf first, root last.
    func renew(_ request: RenewalRequest) async throws -> [[UInt8]]

    /// Asked at every handshake and at every request, so a revocation takes effect on the next request.
    /// - Parameter serial: the certificate's serial number, lower-case hexadecimal.
    func standing(of node: NodeID, serial: String) async throws -> NodeStanding
}

/// Whether a certificate that is good in itself may be used.
public enum NodeStanding: Sendable, Hashable {
    case admitted
    /// The node or this one certificate was revoked.
    case revoked
    /// The registry does not know the node, for example because it was restored from an older backup.
    case unknown
}

/// A node's first request.
public struct EnrolmentRequest: Sendable, Hashable {
    public var node: NodeID
    /// SHA-256 of the token's secret, as the registry stores it.
    public var tokenSecretDigest: Digest
    /// PKCS #10, DER, at most 4096 bytes; not yet checked.
    public var signingRequest: [UInt8]
    /// Ed25519 key (32 bytes) for secure aggregation, whose possession has been proven; `nil` when the node sent none.
    public var aggregationPublicKey: [UInt8]?

    public init(node: NodeID, tokenSecretDigest: Digest, signingRequest: [UInt8], aggregationPublicKey: [UInt8]?) {
        self.node = node
        self.tokenSecretDigest = tokenSecretDigest
        self.signingRequest = signingRequest
        self.aggregationPublicKey = aggregationPublicKey
    }
}

/// A request for a certificate in place of one that is still good.
public struct RenewalRequest: Sendable, Hashable {
    public var node: NodeID
    /// Serial number of the certificate in use, lower-case hexadecimal.
    public var serial: String
    /// PKCS #10, DER, at most 4096 bytes; not yet checked.
    public var signingRequest: [UInt8]

    public init(node: NodeID, serial: String, signingRequest: [UInt8]) {
        self.node = node
        self.serial = serial
        self.signingRequest = signingRequest
    }
}
