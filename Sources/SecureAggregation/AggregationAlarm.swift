/// Why a node ended a round or refused a request: a rule that was broken, by whom if that is known, and what to do.
///
/// An honest coordinator over honest nodes raises none, whatever drops out. Shells log them and tell the operator.
public struct AggregationAlarm: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Bytes that are no message of this protocol.
        case malformed
        /// A message for another stage.
        case outOfTurn = "out-of-turn"
        /// A round that this node has already seen, or a message that contradicts one already answered.
        case replay
        /// The announcement is outside the node's own policy or unsound for anybody.
        case policy
        /// Another roster than the pinned one, or nodes that are not in it.
        case roster
        /// Fewer nodes than the threshold, or fewer organisations than the minimum.
        case tooFew = "too-few"
        /// A set that is not what it must be: double, unknown or out of order.
        case invalidSet = "invalid-set"
        /// The node's own entry is missing or was changed.
        case ownEntry = "own-entry"
        /// A signature does not check: an exchanged key, an advert of another session, model or configuration.
        case signature
        /// Two nodes with the same key.
        case duplicateKey = "duplicate-key"
        /// A public key of low order.
        case lowOrderKey = "low-order-key"
        /// A share that its dealer has not sealed for this node in this round.
        case share
        /// Two different sets of survivors, or a set other than the one signed.
        case equivocation
        /// Too few valid signatures on the survivors.
        case quorum
        /// A second, different request to reveal shares.
        case secondUnmask = "second-unmask"
        /// The survivors do not hold together: partial sums could be seen.
        case partition
        /// The published result is not that of the round the node took part in.
        case transcript
        /// Another node computed another next model.
        case modelDiffers = "model-differs"
        /// The node's own vector has another length or is larger than what was agreed on.
        case input
        /// No randomness, no cipher.
        case entropy
    }
    public var kind: Kind
    /// Who broke the rule, when it was not the coordinator or when the rule names a node.
    public var member: MemberID?
    public var detail: String

    public init(_ kind: Kind, _ detail: String, member: MemberID? = nil) {
        self.kind = kind
        self.detail = detail
        self.member = member
    }
    public var description: String { "\(kind.rawValue)\(member.map { " (node \($0))" } ?? ""): \(detail)" }
}
