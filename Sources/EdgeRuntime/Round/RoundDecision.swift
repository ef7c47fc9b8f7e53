public import Federation

/// What a node does with an assignment, given what is durable about the round.
public enum RoundDecision: Sendable, Hashable {
    /// Finished bytes exist: send exactly those, at no charge.
    case resend(FinishedUpdate)
    /// The coordinator has decided already; nothing is left to do.
    case alreadySettled(UpdateOutcome)
    case decline(DeclineReason)
    /// Reserve, train and send. An older reservation of the round stays spent.
    case prepare
}

/// The facts a decision needs, read from storage at the beginning of a round.
public struct RoundFacts: Sendable, Hashable {
    public var update: FinishedUpdate?
    /// Users with enough training events.
    public var eligibleUsers: Int
    /// Whether the ledger covers one more round of the plan; `true` with privacy off.
    public var affordable: Bool
    public init(update: FinishedUpdate?, eligibleUsers: Int, affordable: Bool) {
        self.update = update
        self.eligibleUsers = eligibleUsers
        self.affordable = affordable
    }
}

extension RoundDecision {
    /// - Parameter maximumAttempts: the plan's; a round beyond it would cost more than the plan promised.
    public init(_ assignment: RoundAssignment, facts: RoundFacts, minimumUsers: Int, maximumAttempts: Int) {
        if let update = facts.update {
            if case .settled(let outcome) = update.state {
                self = .alreadySettled(outcome)
            } else if update.header.baseModel == assignment.model.digest {
                self = .resend(update)
            } else {
                // One release per round: what may have left for another base model cannot be followed by a second one.
                self = .decline(.trainingFailed)
            }
        } else if assignment.round.value > maximumAttempts || !facts.affordable {
            self = .decline(.budgetExhausted)
        } else if facts.eligibleUsers < minimumUsers {
            self = .decline(.tooFewUsers)
        } else {
            self = .prepare
        }
    }
}
