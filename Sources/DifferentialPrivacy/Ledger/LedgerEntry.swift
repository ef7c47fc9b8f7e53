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
    /// When it was reserved: milliseconds since 1970-01-01T00:00:00Z.
    public let time: Int64

    public init(sequence: Int, plan: String, round: Int, event: MechanismEvent, state: State, time: Int64 = 0) {
        self.sequence = sequence
        self.plan = plan
        self.round = round
        self.event = event
        self.state = state
        self.time = time
    }

    /// Whether it counts against the budget.
    public var isCharged: Bool { state != .cancelled }
}

extension LedgerEntry {
    /// The entry in another state.
    public func moved(to state: State) -> LedgerEntry {
        var entry = self
        entry.state = state
        return entry
    }
}
