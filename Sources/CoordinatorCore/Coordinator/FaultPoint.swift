/// The durable moments of a round, by name: tests end the process exactly there. The hook does nothing unless a test's own
/// composition passes one.
public enum FaultPoint: String, Sendable, Hashable, CaseIterable {
    case selectionRecorded = "after selection recorded"
    case joinRecorded = "after join recorded"
    case uploadBytesDurable = "after update bytes durable"
    case beforeUpdateAccepted = "before update accepted"
    case updateAccepted = "after update accepted"
    case survivorsFixed = "after survivors fixed"
    case unmasked = "after unmasking"
    case confirmed = "after confirmation"
    case collectionClosed = "after collection closed"
    case sum = "after sum"
    case noisedSumRecorded = "after noised sum recorded"
    case modelFile = "after model file"
    case beforePublishRecord = "before publish record"
    case published = "after publish"

    /// Points of a round without secure aggregation.
    public static let plain = allCases.filter { ![.survivorsFixed, .unmasked, .confirmed].contains($0) }
}

/// Called at a ``FaultPoint``.
public typealias FaultHook = @Sendable (FaultPoint) -> Void
