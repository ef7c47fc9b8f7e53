/// What happens to a node's round.
public enum NodeEvent: Sendable {
    /// A message of the coordinator.
    case message([UInt8])
    /// The reservation is durable; keys may be made.
    case reserved
    /// The ledger or the operator refuses the round.
    case declined
    /// The node's part: d words, noise included. It is noised before it comes here.
    case input([Int64])
    /// The decision is durable; shares may be revealed.
    case decisionDurable
    /// The node has applied the server's step to the published sum and computed this model.
    case nextModel(Hash256)
    /// The coordinator has been silent for too long, or the operator gives up.
    case timedOut
}

/// What a node's shell does next, in this order.
public enum NodeAction: Sendable {
    /// Make the reservation durable – budget and round number – then answer `.reserved`, or `.declined`.
    case reserve(RoundReservation)
    /// Send to the coordinator.
    case send(SignedMessage)
    /// Train, clip, noise; answer `.input`.
    case provideInput
    /// Record that the input leaves (the reservation can no longer be returned), then send header and payload.
    case sendInput(SignedMessage, payload: [UInt8])
    /// Write the decision to the disk and sync, then answer `.decisionDurable`.
    case persistDecision(UnmaskDecision)
    /// Fetch the sum, check its digest, apply the server's step and answer `.nextModel`.
    case applyStep(AggregateSummary)
    /// Tell the operator.
    case alarm(AggregationAlarm)
    /// The round is over for this node and its secrets are gone.
    case ended(RoundEnd)
}

/// What a node must have on disk before it enters a round: it never enters the same round of a run twice.
public struct RoundReservation: Sendable, Hashable {
    public var run: Hash256
    public var round: UInt64
    public var session: Hash256
    public var modelDigest: Hash256
    public var configurationDigest: Hash256
    /// For the ledger: the guaranteed noise and who takes part.
    public var configuration: AggregationConfiguration
    public var cohort: [CohortMember]
}

/// What a node must have on disk before it reveals a share.
public struct UnmaskDecision: Sendable, Hashable {
    public var run: Hash256
    public var round: UInt64
    public var session: Hash256
    /// H(U3).
    public var survivorsDigest: Hash256
}

/// What was published.
public struct AggregateSummary: Sendable, Hashable {
    public var survivors: [MemberID]
    /// Users declared by the survivors: the normaliser.
    public var users: UInt64
    /// SHA-256 of the sum's payload.
    public var sumDigest: Hash256
    public var transcript: Hash256
}

/// How a round ended for a node.
public enum RoundEnd: Sendable, Hashable {
    /// The next model was confirmed by at least t nodes.
    case completed
    /// Before the masked input left: the reservation may be returned once that is durable.
    case withoutInput
    /// After it left: the reservation stays spent.
    case afterInput
}
