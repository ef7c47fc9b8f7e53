public import Federation

/// A round as the coordinator remembers it.
public struct RoundRecord: Sendable, Hashable {
    public enum State: Sendable, Hashable {
        case collecting
        case aggregating
        case published(ModelReference)
        case abandoned(AbandonReason)
    }
    public var opening: RoundOpening
    public var state: State
    /// In order of acceptance.
    public var updates: [AcceptedUpdate]
    public var declines: [NodeID: DeclineReason]
    /// Digest of the noised sum, with privacy `central` once it was drawn.
    public var noisedSum: Digest?
    /// When it was published or abandoned.
    public var endedAt: WallTime?

    public init(
        opening: RoundOpening, state: State, updates: [AcceptedUpdate] = [], declines: [NodeID: DeclineReason] = [:],
        noisedSum: Digest? = nil, endedAt: WallTime? = nil
    ) {
        self.opening = opening
        self.state = state
        self.updates = updates
        self.declines = declines
        self.noisedSum = noisedSum
        self.endedAt = endedAt
    }

    public var round: RoundNumber { opening.round }
    /// Bytes of the accepted updates.
    public var receivedByteCount: Int { updates.reduce(0) { $0 + $1.byteCount } }
    /// From selection to publication or abandonment; `nil` while it lasts.
    public var duration: Duration? { endedAt.map { $0 - opening.openedAt } }
    /// Sums over the accepted updates' reports; `nil` unless every one came with a report (privacy `off`).
    public var report: TrainingReport? {
        guard !updates.isEmpty else { return nil }
        var total = TrainingReport(lossSum: 0, targetCount: 0, hitsAt10: 0, ndcgAt10: 0, evaluatedUsers: 0)
        // Names order the addition, so that the sums do not depend on who came first.
        for update in updates.sorted(by: { $0.node < $1.node }) {
            guard let report = update.report else { return nil }
            total.lossSum += report.lossSum
            total.targetCount += report.targetCount
            total.hitsAt10 += report.hitsAt10
            total.ndcgAt10 += report.ndcgAt10
            total.evaluatedUsers += report.evaluatedUsers
        }
        return total
    }
}
