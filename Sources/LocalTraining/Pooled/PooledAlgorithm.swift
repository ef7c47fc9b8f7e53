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
