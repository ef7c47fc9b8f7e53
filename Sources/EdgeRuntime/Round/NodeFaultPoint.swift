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
}

/// Called at each fault point; the default does nothing.
public typealias NodeFaultHook = @Sendable (NodeFaultPoint, RoundNumber) async throws -> Void
