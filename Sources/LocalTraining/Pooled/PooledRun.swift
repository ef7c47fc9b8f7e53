internal import RecommenderModels
public import SeededRandom

/// Pooled training from the first epoch to the one where validation says stop. Test data have no part in it.
public struct PooledRun: Sendable {
    public private(set) var algorithm: any PooledAlgorithm
    /// What validation has chosen so far, and how far training is.
    public private(set) var standing: PooledStanding
    public let epochs: Int
    public let stopping: EarlyStopping
    private let stream: RandomStream
    private var pausing: (everySteps: Int, body: @Sendable (PooledCheckpoint) async throws -> Void)?

    /// - Parameters:
    ///   - epochs: the most there are; ≥ 1.
    ///   - stream: the run's stream.
    public init(_ algorithm: any PooledAlgorithm, epochs: Int, stopping: EarlyStopping, stream: RandomStream) {
        precondition(epochs >= 1, "a training has at least 1 epoch")
        self.algorithm = algorithm
        self.epochs = epochs
        self.stopping = stopping
        self.stream = stream
        standing = PooledStanding(parameters: algorithm.parameters)
    }

    /// Whether training is over.
    public var isFinished: Bool {
        if standing.epoch >= epochs { return true }
        guard let patience = stopping.patience, standing.isValidated else { return false }
        return standing.epoch - standing.bestEpoch >= patience
    }

    /// One epoch, evaluated when its turn has come.
    /// - Parameter validate: the metric of parameters on validation data; `nil` without such data: then the last epoch is the best.
    public mutating func runEpoch(validate: (([Float]) async throws -> Double)?) async throws -> EpochRecord {
        let epoch = standing.epoch
        armPause()
        let loss = try await algorithm.runEpoch(epoch, stream: stream)
        var record = EpochRecord(epoch: epoch + 1, loss: loss.loss / Double(max(1, loss.targets)), targets: loss.targets)
        standing.epoch = epoch + 1
        if let validate {
            if standing.epoch % stopping.every == 0 || standing.epoch == epochs {
                let parameters = algorithm.parameters
                let value = try await validate(parameters)
                record.validation = value
                record.isBest = standing.take(parameters, value: value)
            }
        } else if standing.epoch == epochs {
            record.isBest = standing.take(algorithm.parameters, value: nil)
        }
        return record
    }

    /// Has `body` see a complete checkpoint between steps, where the algorithm can be interrupted there.
    public mutating func pause(everySteps: Int, _ body: @escaping @Sendable (PooledCheckpoint) async throws -> Void) {
        pausing = (everySteps, body)
    }

    private mutating func armPause() {
        guard let pausing, var interruptible = algorithm as? any InterruptiblePooledAlgorithm else { return }
        let standing = standing
        interruptible.pause = PausePoint(everySteps: pausing.everySteps) { try await pausing.body(PooledCheckpoint(standing: standing, state: $0)) }
        algorithm = interruptible
    }

    /// All that the rest of the training depends on.
    public var checkpoint: PooledCheckpoint { PooledCheckpoint(standing: standing, state: algorithm.state) }

    /// Goes on where the checkpoint was taken.
    /// - Throws: `TrainingError` when it does not fit the algorithm.
    public mutating func resume(from checkpoint: PooledCheckpoint) throws {
        guard checkpoint.standing.bestParameters.count == standing.bestParameters.count else {
            throw TrainingError("the checkpoint's best model has \(checkpoint.standing.bestParameters.count) parameters and this one \(standing.bestParameters.count)")
        }
        try algorithm.restore(checkpoint.state)
        standing = checkpoint.standing
    }
}

/// How far a pooled training is and what validation has chosen.
public struct PooledStanding: Sendable, Hashable {
    /// Epochs that are over.
    public internal(set) var epoch = 0
    /// The chosen epoch, counted from 1; 0 before any was chosen.
    public internal(set) var bestEpoch = 0
    /// Its validation figure; `nil` when nothing was validated.
    public internal(set) var bestValue: Double?
    /// Its parameters, or the initial ones.
    public internal(set) var bestParameters: [Float]

    var isValidated: Bool { bestValue != nil }

    /// Before the first epoch.
    public init(parameters: [Float]) { bestParameters = parameters }

    /// As `take`, after the given number of epochs or rounds.
    public mutating func take(_ parameters: [Float], value: Double?, after epoch: Int) -> Bool {
        self.epoch = epoch
        return take(parameters, value: value)
    }

    /// Takes an epoch's parameters if they are better than what there is; of equals the earlier one stays.
    mutating func take(_ parameters: [Float], value: Double?) -> Bool {
        if let value, let bestValue, !(value > bestValue) { return false }
        bestEpoch = epoch
        bestValue = value
        bestParameters = parameters
        return true
    }
}

/// What an epoch of pooled training came to.
public struct EpochRecord: Sendable, Hashable {
    /// Counted from 1.
    public var epoch: Int
    /// Mean over the epoch's targets, each at the parameters before its step; in nats for models with a likelihood; `nil` when unknown.
    public var loss: Double?
    public var targets: Int
    /// The figure that chooses the epoch; `nil` when it was not this epoch's turn.
    public var validation: Double?
    /// Whether it is the best so far.
    public var isBest: Bool

    public init(epoch: Int, loss: Double?, targets: Int, validation: Double? = nil, isBest: Bool = false) {
        self.epoch = epoch
        self.loss = loss
        self.targets = targets
        self.validation = validation
        self.isBest = isBest
    }
}
