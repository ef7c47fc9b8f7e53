/// What happens to a plan's rounds; see ``RoundMachine``.
public enum RoundEvent: Sendable, Hashable {
    /// The node consented to the plan with so many enrolled users.
    case joined(NodeID, enrolledUsers: Int)
    /// The node asked for work: it is there.
    case seen(NodeID)
    /// The node will send nothing for the round.
    case declined(NodeID, RoundNumber, DeclineReason)
    /// All bytes of an update are durable and verified.
    case updateArrived(AcceptedUpdate, RoundNumber)
    /// Time has passed.
    case tick
    /// The round's model version is durable.
    case aggregated(RoundNumber, ModelReference)
    /// The round's updates give no model.
    case aggregationFailed(RoundNumber, AbandonReason)
    /// Secure aggregation: the nodes in the sum are fixed; nothing that comes later counts.
    case survivorsFixed(RoundNumber)
    /// Secure aggregation: what masks the sum is known; it may be taken.
    case unmasked(RoundNumber)
    /// Secure aggregation: the round cannot be published, at whatever stage.
    case aggregationAborted(RoundNumber, AbandonReason)
    /// The operator stops the plan.
    case stopRequested
}

/// What the machine's owner does, in this order: each record durable before the next, and all before anybody is told.
public enum RoundAction: Sendable, Hashable {
    case open(RoundOpening)
    case accept(AcceptedUpdate, RoundNumber)
    case recordDecline(NodeID, DeclineReason, RoundNumber)
    case recordWithdrawal(NodeID, DeclineReason)
    case closeCollection(RoundNumber)
    /// Sum the accepted updates and answer with `.aggregated` or `.aggregationFailed`.
    case aggregate(RoundNumber)
    case publish(ModelReference, RoundNumber)
    case abandon(RoundNumber, AbandonReason)
    case endPlan(PlanOutcome)
}

extension RoundAction {
    /// Whether nodes other than the one it is about may now have something to do, or be told of.
    public var concernsEverybody: Bool {
        switch self {
        case .accept, .recordDecline, .recordWithdrawal, .closeCollection, .aggregate: false
        case .open, .publish, .abandon, .endPlan: true
        }
    }
}

/// How a plan ended.
public enum PlanOutcome: Sendable, Hashable {
    /// All rounds published.
    case finished
    /// So many attempts did not publish all rounds: `maximumAttempts`, which the noise was calibrated for, are used up.
    case outOfAttempts
    case stopped
}
