public import EdgeRuntime
public import Federation

/// What a simulation came to.
public struct SimulationResult: Sendable {
    /// The newest published model version, or the initial one.
    public var finalModel: ModelReference
    /// The file that the digest in `finalModel` names: parameters and server-optimiser state.
    public var finalModelBytes: [UInt8]
    /// All rounds in order, abandoned ones included.
    public var rounds: [SimulatedRound]
    public var nodes: [SimulatedNodeReport]
    /// How often the coordinator was started.
    public var coordinatorStarts: Int
    /// From the first start to the end of the last node.
    public var virtualTime: Duration

    public var publishedRounds: [SimulatedRound] { rounds.filter { $0.model != nil } }
}

/// One round of a simulation.
public struct SimulatedRound: Sendable, Hashable {
    public var round: RoundNumber
    /// What it published; `nil` when it was abandoned.
    public var model: ModelReference?
    /// Why it published nothing.
    public var abandonReason: String?
    public var cohort: [NodeID]
    /// Nodes whose updates were accepted, by name.
    public var contributors: [NodeID]
    /// Mean loss of the round's local training over the nodes' targets or users, in nats; `nil` when nobody trained.
    public var loss: Double?
    /// Of the published model on the nodes' held-out events; full ranking, seen items removed, ties at mid-rank.
    public var hitRateAt10: Double?
    public var ndcgAt10: Double?
    public var evaluatedUsers: Int
    /// ε of the plan after this many attempts at the plan's δ; 0 with privacy `off`.
    public var epsilonSpent: Double
    /// Bytes of the accepted updates.
    public var updateBytes: Int
    /// From selection to the end.
    public var duration: Duration
}

/// A node at the end of a simulation.
public struct SimulatedNodeReport: Sendable {
    public var node: NodeID
    public var end: RunEnd
    public var ledger: LedgerBalance
    /// Evaluations that only the node itself sees.
    public var reports: [LocalReport]
}

/// How many ledger entries are in which state.
public struct LedgerBalance: Sendable, Hashable {
    public var reserved: Int
    public var sent: Int
    public var cancelled: Int
    public init(reserved: Int = 0, sent: Int = 0, cancelled: Int = 0) {
        self.reserved = reserved
        self.sent = sent
        self.cancelled = cancelled
    }
}

/// Why a simulation has no result.
public struct SimulationError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// The plan, catalog or silos do not fit together.
        case invalidSetup
        /// Everybody waits, and nobody for the clock.
        case stalled
        /// The limit of virtual time was reached.
        case timeLimit
    }
    public var code: Code
    public var message: String
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
    public var description: String { message }
}
