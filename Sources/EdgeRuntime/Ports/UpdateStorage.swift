public import Federation

/// Finished updates: their exact bytes outlive a crash, so that a restart sends the same bytes and never a second noise.
public protocol UpdateStorage: Sendable {
    /// Makes bytes and record durable; the record's state is `finished`. Bytes first, under their digest, then the record.
    func storeUpdate(_ update: FinishedUpdate, bytes: [UInt8]) async throws
    /// The record for a round, whatever its state.
    func update(plan: Digest, round: RoundNumber) async throws -> FinishedUpdate?
    /// Up to `maximumCount` bytes at the offset; empty at the end. Throws `StorageError.corrupted` when the file is missing or short.
    func readUpdate(_ digest: Digest, at offset: Int, maximumCount: Int) async throws -> [UInt8]
    /// Records that bytes are about to leave: `finished` → `sending`. In the same transaction the ledger entry, if there is
    /// one, goes from `reserved` to `sent`. Repeating it changes nothing.
    func beginSending(_ digest: Digest, at time: WallTime) async throws
    /// Records the coordinator's decision and deletes the bytes; repeating it changes nothing.
    func settleUpdate(_ digest: Digest, as outcome: UpdateOutcome, at time: WallTime) async throws
    /// Updates that are not settled.
    func unsettledUpdates() async throws -> [FinishedUpdate]
}

/// A finished update: what it answers and where it stands.
public struct FinishedUpdate: Sendable, Hashable {
    public enum State: Sendable, Hashable {
        /// Durable; no byte has left.
        case finished
        /// Bytes may have left.
        case sending
        case settled(UpdateOutcome)
    }
    public var header: UpdateHeader
    /// The ledger entry that pays for it; `nil` with privacy off.
    public var reservation: Int?
    public var state: State
    public init(header: UpdateHeader, reservation: Int?, state: State = .finished) {
        self.header = header
        self.reservation = reservation
        self.state = state
    }
    public var digest: Digest { header.payload }
}

/// How an update ended.
public enum UpdateOutcome: Sendable, Hashable {
    case accepted
    case notNeeded
    case rejected(RejectionReason)
    /// The round was over before it was sent or decided; nothing more is asked of it.
    case dropped
}
