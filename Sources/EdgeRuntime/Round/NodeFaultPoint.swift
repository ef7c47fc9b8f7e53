public import Federation

/// Named points of a round at which tests of real processes stop the world; between two of them nothing durable changes.
public enum NodeFaultPoint: String, Sendable, Hashable, CaseIterable {
    /// The ledger entry is durable; nothing was computed.
    case afterReservation = "after reservation"
    /// Training is done in memory; nothing of it is durable.
    case duringTraining = "during training"
    /// The finished bytes are durable; none has left.
    case updateDurable = "update durable"
    /// Some bytes have left.
    case duringUpload = "during upload"
    /// The coordinator has decided; the node has not recorded it.
    case afterUploadBeforeAnswer = "after upload before answer"

    // Privacy `distributed`, stage by stage.
    /// Trained and noised in memory; no message has left.
    case beforeKeys = "before keys"
    /// Everybody's keys are known; no share has left.
    case beforeShares = "before shares"
    /// The ledger says sent; no masked byte has left.
    case beforeMaskedInput = "before masked input"
    /// The coordinator holds the masked input.
    case afterMaskedInput = "after masked input"
    /// The survivors are known; this node has not signed them.
    case beforeConsistency = "before consistency"
    /// The decision to reveal is durable; nothing is revealed.
    case decisionDurable = "decision durable"
    /// As `decisionDurable`, with the shares ready to go.
    case beforeUnmasking = "before unmasking"
    /// The next model is computed from the published sum.
    case stepApplied = "step applied"
    /// The confirmation is ready to go.
    case beforeConfirmation = "before confirmation"

    /// Points of a round without secure aggregation.
    public static let plain: [NodeFaultPoint] = [.afterReservation, .duringTraining, .updateDurable, .duringUpload, .afterUploadBeforeAnswer]
}

/// Called at each fault point; the default does nothing.
public typealias NodeFaultHook = @Sendable (NodeFaultPoint, RoundNumber) async throws -> Void
