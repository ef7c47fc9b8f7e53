public import Federation

/// Who may take part: one-time enrolment tokens (known by hash only) and the nodes that were given a certificate.
///
/// The command line and the server share it through the database, so every call is atomic by itself.
public protocol NodeRegistry: Sendable {
    /// Records a token that was just made.
    /// - Throws: ``FederationError`` `.failedPrecondition` when the hash exists.
    func add(_ token: EnrolmentToken) async throws

    /// Every token, newest first.
    func tokens() async throws -> [EnrolmentToken]

    /// Makes an unused token unusable. `false` when no unused token has this hash.
    func revokeToken(_ hash: Digest) async throws -> Bool

    /// Uses the token up, exactly once, in one transaction. A repetition with the same key answers the same until the token
    /// expires, because the answer may have been lost; another key is refused.
    /// - Parameter key: SHA-256 of the public key that asks for a certificate (its SubjectPublicKeyInfo in DER).
    func consumeToken(_ hash: Digest, for key: Digest, at time: WallTime) async throws -> TokenDecision

    /// Records the certificate of a node; a node that enrols again keeps its name and its earlier certificates stay listed.
    /// - Throws: ``FederationError`` `.rejected` when the node was revoked.
    func enrol(_ node: NodeID, certificateSerial: String, at time: WallTime) async throws

    /// Every certificate of every node, by name, then time.
    func enrolledNodes() async throws -> [EnrolledNode]

    /// Revokes the node: all its certificates, its unused tokens, and its name for later enrolment. Repeating changes nothing.
    /// - Throws: ``FederationError`` `.notFound` when no such node enrolled.
    func revoke(_ node: NodeID, at time: WallTime) async throws

    /// Whether the node's name or the certificate's serial number is revoked.
    func isRevoked(_ node: NodeID, certificateSerial: String) async throws -> Bool

    /// Serial numbers of all revoked certificates, for a check that cannot wait.
    func revokedSerials() async throws -> Set<String>
}

/// A one-time permission to enrol under a name. The token itself is shown once and never stored.
public struct EnrolmentToken: Sendable, Hashable {
    /// SHA-256 of the token.
    public var hash: Digest
    public var node: NodeID
    public var createdAt: WallTime
    public var expiresAt: WallTime
    public var usedAt: WallTime?
    public init(hash: Digest, node: NodeID, createdAt: WallTime, expiresAt: WallTime, usedAt: WallTime? = nil) {
        self.hash = hash
        self.node = node
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.usedAt = usedAt
    }
}

/// What became of a presented token.
public enum TokenDecision: Sendable, Hashable {
    /// Good for a certificate with this name.
    case accepted(NodeID)
    case unknown
    case expired
    /// Used before, with another key.
    case used
}

/// A certificate that was given to a node.
public struct EnrolledNode: Sendable, Hashable {
    public var node: NodeID
    /// Serial number in lower-case hexadecimal digits without separators.
    public var certificateSerial: String
    public var enrolledAt: WallTime
    public var revokedAt: WallTime?
    public init(node: NodeID, certificateSerial: String, enrolledAt: WallTime, revokedAt: WallTime? = nil) {
        self.node = node
        self.certificateSerial = certificateSerial
        self.enrolledAt = enrolledAt
        self.revokedAt = revokedAt
    }
}
