/// One line of a node's ledger: one mechanism, run once on the node's users, and how far it got.
///
/// A flat row for the store. Lines are appended and only their state changes, only forward.
public struct LedgerEntry: Sendable, Hashable, Codable {
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// Charged; its update may be computed, made durable and sent.
        case reserved
        /// A byte of the update may have left. Final, never refunded.
        case sent
        /// Nothing left and nothing will: final, not charged.
        case cancelled
    }
    /// Position in the ledger, from 1 without gaps.
    public let sequence: Int
    /// The plan's digest, in hexadecimal.
    public let plan: String
    /// The round of that plan, from 1.
    public let round: Int
    /// The mechanism; ε is recomputed from it whenever it is read.
    public let event: MechanismEvent
    public internal(set) var state: State

    public init(sequence: Int, plan: String, round: Int, event: MechanismEvent, state: State) {
        self.sequence = sequence
        self.plan = plan
        self.round = round
        self.event = event
        self.state = state
    }

    /// Whether it counts against the budget.
    public var isCharged: Bool { state != .cancelled }
}
