/// A roster with the signatures that stand for it.
public struct SignedRoster: Sendable, Hashable {
    public struct Signature: Sendable, Hashable {
        /// `nil`: the federation key.
        public var signer: MemberID?
        public var bytes: [UInt8]
        public init(signer: MemberID?, bytes: [UInt8]) {
            self.signer = signer
            self.bytes = bytes
        }
    }
    public var roster: Roster
    public var signatures: [Signature]

    public init(roster: Roster, signatures: [Signature]) {
        self.roster = roster
        self.signatures = signatures
    }

    /// What is signed: the roster's digest under a label of its own, with the digest of the roster it replaces.
    public static func content(_ roster: Roster, replacing pinned: Hash256?) -> [UInt8] {
        Array("tributary.roster-signature.v1".utf8) + (pinned?.bytes ?? [UInt8](repeating: 0, count: Hash256.byteCount)) + roster.digest.bytes
    }
}

/// The roster a node holds on to. It changes only by a signature of the federation's offline key, or by more than two thirds of the
/// pinned nodes; the coordinator alone can neither add nodes nor exchange keys (no Sybils, nobody in the middle).
public struct PinnedRoster: Sendable, Hashable {
    public let roster: Roster
    /// The federation's offline key, when there is one.
    public let federationKey: VerificationKey?

    /// Pins what the operator has confirmed, for example by comparing the digest with the other organisations.
    public init(confirmed roster: Roster, federationKey: VerificationKey?) {
        self.roster = roster
        self.federationKey = federationKey
    }

    /// Pins a first roster that the federation key has signed.
    /// - Throws: ``SecureAggregationError`` `.unauthentic` otherwise.
    public init(_ signed: SignedRoster, federationKey: VerificationKey) throws {
        let content = SignedRoster.content(signed.roster, replacing: nil)
        guard signed.signatures.contains(where: { $0.signer == nil && federationKey.verifies($0.bytes, over: content) }) else {
            throw SecureAggregationError(.unauthentic, "the first roster is not signed by the federation key")
        }
        self.init(confirmed: signed.roster, federationKey: federationKey)
    }

    /// How many pinned nodes must sign a change: more than two thirds.
    public var quorum: Int { 2 * roster.members.count / 3 + 1 }

    /// The roster after a change.
    /// - Throws: ``SecureAggregationError`` `.unauthentic` when neither the federation key nor a quorum of the pinned nodes has signed the change
    ///   from this very roster, `.invalidParameter` when the epoch does not grow.
    public func replaced(by signed: SignedRoster) throws -> PinnedRoster {
        guard signed.roster.epoch > roster.epoch else {
            throw SecureAggregationError(.invalidParameter, "the roster of epoch \(signed.roster.epoch) does not follow epoch \(roster.epoch)")
        }
        let content = SignedRoster.content(signed.roster, replacing: roster.digest)
        let byFederation = signed.signatures.contains { $0.signer == nil && federationKey?.verifies($0.bytes, over: content) == true }
        let signers = Set(signed.signatures.compactMap { signature in
            signature.signer.flatMap { roster[$0]?.key.verifies(signature.bytes, over: content) == true ? $0 : nil }
        })
        guard byFederation || signers.count >= quorum else {
            throw SecureAggregationError(
                .unauthentic, "the change of the roster is signed by \(signers.count) of the \(quorum) nodes that it needs and not by the federation key; it stays as it was")
        }
        return PinnedRoster(confirmed: signed.roster, federationKey: federationKey)
    }
}
