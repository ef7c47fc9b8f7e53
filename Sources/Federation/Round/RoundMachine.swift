/// The rounds of one plan: a synchronous value, event in, actions out.
///
/// `gathering → collecting → aggregating → (published | abandoned) → gathering … → ended`. In privacy mode `distributed` the stages of
/// secure aggregation run inside: keys, shares and masked inputs while collecting, consistency, unmasking and confirmation while
/// aggregating; who survives is decided there and told by events. The owner performs the actions of an
/// event durably and only then lets the changed value be seen; on failure it keeps the old value, as if nothing had happened.
/// Evaluation happens at the nodes, with the next round's base model, and has no phase of its own.
public struct RoundMachine: Sendable, Hashable {
    /// Where the plan stands.
    public enum Phase: Sendable, Hashable {
        case gathering(Gathering)
        case collecting(Collecting)
        case aggregating(Aggregating)
        case ended(PlanOutcome)
    }

    /// A node that joined.
    public struct Member: Sendable, Hashable {
        public var enrolledUsers: Int
        /// Whether it was heard of since it last owed something.
        public var isPresent: Bool
        /// Whether it takes no further part in the plan.
        public var hasWithdrawn: Bool
    }

    public let plan: Plan
    public let planDigest: Digest
    /// Bytes of every update's payload.
    public let payloadByteCount: Int
    public internal(set) var members: [NodeID: Member] = [:]
    public internal(set) var newestModel: ModelReference
    public internal(set) var publishedRounds = 0
    /// Rounds opened so far, and the number of the last one; 0 before the first.
    public internal(set) var attempts = 0
    public internal(set) var phase = Phase.gathering(Gathering(notBefore: nil))

    /// Wait after an abandoned round, so that a fault that repeats at once does not use up the attempts.
    public static let pauseAfterAbandonedRound = Duration.seconds(5)

    /// A plan before its first round.
    /// - Parameters:
    ///   - payloadByteCount: bytes of every update of the plan.
    ///   - initialModel: the model version of round 0.
    public init(plan: Plan, payloadByteCount: Int, initialModel: ModelReference) {
        self.plan = plan
        self.planDigest = plan.digest
        self.payloadByteCount = payloadByteCount
        self.newestModel = initialModel
    }

    /// Takes an event in and returns what is to be done.
    public mutating func handle(_ event: RoundEvent, at now: WallTime) -> [RoundAction] {
        switch event {
        case .joined(let node, let enrolledUsers):
            members[node] = Member(enrolledUsers: enrolledUsers, isPresent: true, hasWithdrawn: members[node]?.hasWithdrawn ?? false)
            return advance(at: now)
        case .seen(let node):
            members[node]?.isPresent = true
            return advance(at: now)
        case .declined(let node, let round, let reason):
            return decline(node, round, reason, at: now)
        case .updateArrived(let update, let round):
            return accept(update, round, at: now)
        case .tick:
            return advance(at: now)
        case .aggregated(let round, let model):
            return finishAggregation(of: round, with: .success(model), at: now)
        case .aggregationFailed(let round, let reason):
            return finishAggregation(of: round, with: .failure(reason), at: now)
        case .survivorsFixed(let round):
            return fixSurvivors(of: round, at: now)
        case .unmasked(let round):
            guard case .aggregating(let aggregating) = phase, aggregating.opening.round == round else { return [] }
            return [.aggregate(round)]
        case .aggregationAborted(let round, let reason):
            return openRound == round ? abandon(round, reason, at: now) : []
        case .stopRequested:
            return stop()
        }
    }

    /// Does whatever time and presence allow in the present phase.
    mutating func advance(at now: WallTime) -> [RoundAction] {
        switch phase {
        case .gathering(let gathering): openRoundIfPossible(gathering, at: now)
        case .collecting(let collecting): closeCollectionIfDue(collecting, at: now)
        case .aggregating, .ended: []
        }
    }

    private mutating func stop() -> [RoundAction] {
        if case .ended = phase { return [] }
        var actions: [RoundAction] = []
        if let round = openRound { actions.append(.abandon(round, .planStopped)) }
        phase = .ended(.stopped)
        return actions + [.endPlan(.stopped)]
    }

    /// The round that is neither published nor abandoned.
    public var openRound: RoundNumber? {
        switch phase {
        case .collecting(let collecting): collecting.opening.round
        case .aggregating(let aggregating): aggregating.opening.round
        case .gathering, .ended: nil
        }
    }
}
