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
    private var gradients: BatchGradients

    /// The parameters that gradients are taken at.
    private var current: [Float]
    /// Their moving average; empty without averaging.
    private var averaged: [Float] = []
    private var optimizer: OptimizerState
    private var progress = PooledProgress()
    /// The sequences of a step.
    private var batch: [ArraySlice<Int32>] = []

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
            // The process's other tasks go on between batches, however few threads there are.
            await Task.yield()
            batch.removeAll(keepingCapacity: true)
            for index in order[progress.nextBatch * size..<min((progress.nextBatch + 1) * size, order.count)] { batch.append(sequences[index]) }
            try step(stream)
            progress.nextBatch += 1
            if let pause, progress.nextBatch < stepsPerEpoch, optimizer.steps % pause.everySteps == 0 { try await pause.body(state) }
        }
        guard Kernels.isFinite(current) else { throw LocalTrainer.diverged(epoch: epoch, step: optimizer.steps, settings.training.optimizer) }
        return progress.loss
    }

    private mutating func step(_ stream: RandomStream) throws {
        let number = optimizer.steps
        let loss = gradients.add(current, batch, negatives: trainer.negatives(stream, step: number), stream: stream.child("step").child(number))
        if loss.targets == 0 { return }
        guard loss.loss.isFinite, Kernels.isFinite(gradients.sum.values) else {
            throw LocalTrainer.diverged(epoch: progress.epoch, step: number, settings.training.optimizer)
        }
        if let bound = settings.gradientClip { gradients.clip(to: bound) }
        let scale = settings.schedule.multiplier(step: number, stepsPerEpoch: stepsPerEpoch, epochs: settings.training.epochs)
        optimizer.step(&current, along: gradients.sum, scale: Float(scale), workers: trainer.workers)
        gradients.clear()
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
