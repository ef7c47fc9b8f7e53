public import RecommenderModels
public import SeededRandom

/// Training of one model on all users of one place, pass by pass. A result is the same for any number of workers.
///
/// The state after a pass is everything the next passes depend on besides data, configuration and stream, so that training can go
/// on from a checkpoint as if it had never stopped.
public protocol PooledAlgorithm: Sendable {
    /// d values in the model's layout.
    var parameters: [Float] { get }

    /// One pass over the training events.
    /// - Parameters:
    ///   - epoch: counted from 0; names the pass's random draws.
    ///   - stream: the run's stream.
    /// - Returns: the summed loss, or squared error for models without a loss of their own, and over how many targets.
    /// - Throws: `TrainingError` when training diverges; `CancellationError`.
    mutating func runEpoch(_ epoch: Int, stream: RandomStream) async throws -> LossSum

    /// Parameters, optimiser state and whatever else the next pass needs, by name.
    var state: [String: [Float]] { get }

    /// Goes on from a state that `state` gave.
    /// - Throws: `TrainingError` when a tensor is missing or has another length.
    mutating func restore(_ state: [String: [Float]]) throws
}

/// Training that can also be stopped within a pass: its `state` is complete after every step.
public protocol InterruptiblePooledAlgorithm: PooledAlgorithm {
    /// Where a pass is interrupted; `nil`: nowhere.
    var pause: PausePoint? { get set }
}

/// A call between two steps of a pass, such as one that stores a checkpoint.
public struct PausePoint: Sendable {
    /// Steps, counted over all passes, between calls; at least 1. The end of a pass is not such a point.
    public let everySteps: Int
    /// Is given the state.
    public let body: @Sendable ([String: [Float]]) async throws -> Void

    public init(everySteps: Int, _ body: @escaping @Sendable ([String: [Float]]) async throws -> Void) {
        precondition(everySteps >= 1, "a pass is interrupted every 1 step or more")
        self.everySteps = everySteps
        self.body = body
    }
}
