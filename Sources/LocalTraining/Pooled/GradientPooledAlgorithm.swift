public import Interactions
public import RecommenderModels
public import SeededRandom
internal import Tensors

/// Mini-batch epochs of any model with gradients, over the training sequences of all users, shuffled in every epoch. Optimiser
/// state, schedule and averaged parameters last from the first epoch to the last.
public struct GradientPooledAlgorithm: InterruptiblePooledAlgorithm {
    public var pause: PausePoint?
    public let settings: PooledSettings
    private let trainer: LocalTrainer
    private let sequences: [ArraySlice<Int32>]
    private let gradients: BatchGradients

    /// The parameters that gradients are taken at.
    private var current: [Float]
    /// Their moving average; empty without averaging.
    private var averaged: [Float] = []
    private var optimizer: OptimizerState
    private var progress = PooledProgress()

    /// As `ModelConfiguration.pooledAlgorithm`.
    public init(
        model: ModelConfiguration, users: UserSequences, itemCount: Int, settings: PooledSettings, workers: Int, stream: RandomStream
    ) throws {
        try settings.validate()
        trainer = try LocalTrainer(model: model, training: settings.training, itemCount: itemCount, workers: workers)
        self.settings = settings
        current = trainer.model.initialParameters(stream.child("initial"))
        try trainer.check(current, users)
        let trainer = trainer
        sequences = (0..<users.userCount).flatMap { trainer.sequences(of: users[$0]) }
        guard !sequences.isEmpty else {
            throw TrainingError("no user has \(settings.training.minimumEvents) training events; give more events or lower minimumEvents")
        }
        gradients = BatchGradients(trainer.model, workers: workers)
        optimizer = OptimizerState(settings.training.optimizer, trainer.model)
        if settings.averaging != nil { averaged = current }
    }

    public var model: any Recommender { trainer.model }
    /// The averaged parameters where there are such, otherwise the current ones.
    public var parameters: [Float] { averaged.isEmpty ? current : averaged }
    private var stepsPerEpoch: Int { (sequences.count + settings.training.batchSize - 1) / settings.training.batchSize }

    public mutating func runEpoch(_ epoch: Int, stream: RandomStream) async throws -> LossSum {
        if progress.epoch != epoch || progress.nextBatch >= stepsPerEpoch { progress.begin(epoch) }
        var order = Array(sequences.indices)
        var numbers = stream.child("shuffle").child(epoch)
        numbers.shuffle(&order)
        let size = settings.training.batchSize
        while progress.nextBatch < stepsPerEpoch {
            try Task.checkCancellation()
            let batch = order[progress.nextBatch * size..<min((progress.nextBatch + 1) * size, order.count)].map { sequences[$0] }
            try await step(over: batch, stream)
            progress.nextBatch += 1
            if let pause, progress.nextBatch < stepsPerEpoch, optimizer.steps % pause.everySteps == 0 { try await pause.body(state) }
        }
        guard Kernels.isFinite(current) else { throw LocalTrainer.diverged(epoch: epoch, step: optimizer.steps, settings.training.optimizer) }
        return progress.loss
    }

    private mutating func step(over batch: [ArraySlice<Int32>], _ stream: RandomStream) async throws {
        let number = optimizer.steps
        let (result, loss) = await gradients.gradient(
            current, batch, negatives: trainer.negatives(stream, step: number), stream: stream.child("step").child(number))
        guard var gradient = result else { return }
        guard loss.loss.isFinite, Kernels.isFinite(gradient.values) else {
            throw LocalTrainer.diverged(epoch: progress.epoch, step: number, settings.training.optimizer)
        }
        if let bound = settings.gradientClip { gradient.clip(to: bound) }
        let scale = settings.schedule.multiplier(step: number, stepsPerEpoch: stepsPerEpoch, epochs: settings.training.epochs)
        optimizer.step(&current, along: gradient, scale: Float(scale))
        await gradients.recycle(gradient)
        average()
        progress.loss += loss
    }

    /// a ← a + (1 − decay)(θ − a).
    private mutating func average() {
        guard let limit = settings.averaging else { return }
        let steps = Float(optimizer.steps)
        let decay = min(limit, (1 + steps) / (10 + steps))
        averaged.withUnsafeMutableBufferPointer { averaged in
            current.withUnsafeBufferPointer { current in
                Kernels.scale(averaged.baseAddress!, by: decay, count: averaged.count)
                Kernels.axpy(1 - decay, current.baseAddress!, to: averaged.baseAddress!, count: averaged.count)
            }
        }
    }
}

extension GradientPooledAlgorithm {
    public var state: [String: [Float]] {
        var state = optimizer.tensors
        state["parameters"] = current
        if !averaged.isEmpty { state["averaged"] = averaged }
        state["progress"] = progress.encoded(steps: optimizer.steps)
        return state
    }

    public mutating func restore(_ state: [String: [Float]]) throws {
        let parameters = try state.tensor("parameters", count: current.count)
        let average = averaged.isEmpty ? [] : try state.tensor("averaged", count: averaged.count)
        let (progress, steps) = try PooledProgress.decoded(state.tensor("progress", count: PooledProgress.encodedCount))
        try optimizer.restore(state, steps: steps)
        current = parameters
        averaged = average
        self.progress = progress
    }
}

extension GradientBuffer {
    /// Scales a longer gradient down to that L2 norm.
    fileprivate mutating func clip(to bound: Float) {
        let squared = activeRanges.reduce(0.0) { $0 + Kernels.squaredNorm(values[$1]) }
        guard squared > Double(bound) * Double(bound) else { return }
        let factor = Float(Double(bound) / squared.squareRoot())
        updateActiveRanges { Kernels.scale($1, by: factor, count: $0.count) }
    }
}
