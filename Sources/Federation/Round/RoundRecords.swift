/// The selection of a round: who is expected to train from which model until when.
public struct RoundOpening: Sendable, Hashable {
    public var round: RoundNumber
    public var baseModel: ModelReference
    /// In order of name.
    public var cohort: [NodeID]
    public var openedAt: WallTime
    public var deadline: WallTime
    public init(round: RoundNumber, baseModel: ModelReference, cohort: [NodeID], openedAt: WallTime, deadline: WallTime) {
        self.round = round
        self.baseModel = baseModel
        self.cohort = cohort
        self.openedAt = openedAt
        self.deadline = deadline
    }
}

/// An update that counts: its bytes are kept under the payload's digest until the round is closed.
public struct AcceptedUpdate: Sendable, Hashable {
    public var node: NodeID
    public var payload: Digest
    public var byteCount: Int
    public var report: TrainingReport?
    public var acceptedAt: WallTime
    public init(node: NodeID, payload: Digest, byteCount: Int, report: TrainingReport?, acceptedAt: WallTime) {
        self.node = node
        self.payload = payload
        self.byteCount = byteCount
        self.report = report
        self.acceptedAt = acceptedAt
    }
}

/// Why a round published nothing.
public enum AbandonReason: String, Sendable, Hashable, CaseIterable {
    /// Fewer updates than the quorum at the deadline.
    case deadlinePassed = "deadline-passed"
    /// So many nodes declined that the quorum could not be reached any more.
    case quorumUnreachable = "quorum-unreachable"
    /// The updates that came carry no weight: there is nothing to average.
    case noWeight = "no-weight"
    /// The sum leaves the range in which a model is finite.
    case modelNotFinite = "model-not-finite"
    /// Stored bytes of an accepted update were found damaged.
    case damagedUpdate = "damaged-update"
    /// Too few nodes stayed to the end of secure aggregation, or one of its rules was broken.
    case aggregationFailed = "aggregation-failed"
    /// The coordinator stopped before the sum was unmasked; what was masked cannot be summed any more.
    case aggregationLost = "aggregation-lost"
    /// The nodes computed another next model from the published sum than the coordinator.
    case modelsDiffer = "models-differ"
    /// The plan was stopped.
    case planStopped = "plan-stopped"
}
