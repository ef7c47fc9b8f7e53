public import Federation

/// What a node must remember of secure aggregation, since forgetting it would let a round be entered or opened twice.
public protocol AggregationStorage: Sendable {
    /// The newest round of the plan that this node has entered; `nil` when it has entered none.
    func lastAggregation(of plan: Digest) async throws -> AggregationRecord?
    /// Makes it durable that the node enters the round; its keys are made afterwards, in memory, and die with the process.
    /// Throws `StorageError.conflict` unless the round is newer than every one of the plan before.
    func enterAggregation(_ record: AggregationRecord, at time: WallTime) async throws
    /// Records that masked bytes are about to leave; its ledger entry goes from `reserved` to `sent`. Repeating it changes nothing.
    func beginSendingMasked(plan: Digest, round: RoundNumber, at time: WallTime) async throws
    /// Records for which survivors this node reveals shares. Throws `StorageError.conflict` when it has decided otherwise before.
    func decideUnmasking(plan: Digest, round: RoundNumber, survivors: Digest, at time: WallTime) async throws

    /// Keys of nodes as this node first saw them, by name of the node.
    func pinnedKeys() async throws -> [NodeID: [UInt8]]
    /// Remembers keys of nodes that are not known yet. Throws `StorageError.conflict` for another key of a known node.
    func pin(_ keys: [NodeID: [UInt8]]) async throws
}

/// A round that this node has entered.
public struct AggregationRecord: Sendable, Hashable {
    public var plan: Digest
    public var round: RoundNumber
    /// The coordinator's name for this attempt.
    public var session: Digest
    /// The ledger entry that pays for it.
    public var reservation: Int?
    /// For which set of survivors shares were revealed.
    public var survivors: Digest?
    public init(plan: Digest, round: RoundNumber, session: Digest, reservation: Int?, survivors: Digest? = nil) {
        self.plan = plan
        self.round = round
        self.session = session
        self.reservation = reservation
        self.survivors = survivors
    }
}
