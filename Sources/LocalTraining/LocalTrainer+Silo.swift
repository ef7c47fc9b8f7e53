public import Interactions
internal import RecommenderModels
public import SeededRandom
internal import Tensors

extension LocalTrainer {
    /// Mini-batch epochs over the training sequences of all users, shuffled in every epoch.
    ///
    /// The result is bit-identical for any number of workers (on one type of CPU).
    /// - Parameters:
    ///   - parameters: the global model, d values.
    ///   - users: training events; users with fewer than `minimumEvents` are left out.
    ///   - stream: names shuffles, dropout and negatives.
    /// - Throws: `TrainingError` when parameters or items do not fit the model, when no user has enough events, or when the loss
    ///   stops being finite; `CancellationError`.
    public func trainSilo(from parameters: [Float], users: UserSequences, stream: RandomStream) async throws -> SiloUpdate {
        try check(parameters, users)
        if let model = model as? any StatisticRecommender { return try await siloStatistics(model, from: parameters, users: users) }
        let sequences = (0..<users.userCount).flatMap { self.sequences(of: users[$0]) }
        guard !sequences.isEmpty else {
            throw TrainingError("no user has \(training.minimumEvents) training events; import more events or lower minimumEvents")
        }
        var gradients = BatchGradients(model, workers: workers)
        var local = parameters
        var optimizer = OptimizerState(training.optimizer, model)
        var total = LossSum()
        var step = 0
        var batch: [ArraySlice<Int32>] = []
        for epoch in 0..<training.epochs {
            var order = Array(sequences.indices)
            var numbers = stream.child("shuffle").child(epoch)
            numbers.shuffle(&order)
            for start in stride(from: 0, to: order.count, by: training.batchSize) {
                try Task.checkCancellation()
                // The process's other tasks go on between batches, however few threads there are.
                await Task.yield()
                batch.removeAll(keepingCapacity: true)
                for index in order[start..<min(start + training.batchSize, order.count)] { batch.append(sequences[index]) }
                let loss = gradients.add(local, batch, negatives: negatives(stream, step: step), stream: stream.child("step").child(step))
                if loss.targets == 0 { continue }
                guard loss.loss.isFinite, Kernels.isFinite(gradients.sum.values) else {
                    throw Self.diverged(epoch: epoch, step: step, training.optimizer)
                }
                optimizer.step(&local, along: gradients.sum, workers: workers)
                gradients.clear()
                total += loss
                step += 1
            }
        }
        guard Kernels.isFinite(local) else { throw Self.diverged(epoch: training.epochs - 1, step: step, training.optimizer) }
        local.withUnsafeMutableBufferPointer { local in
            parameters.withUnsafeBufferPointer { global in
                Kernels.subtract(local.baseAddress!, global.baseAddress!, into: local.baseAddress!, count: local.count)
            }
        }
        return SiloUpdate(delta: local, sequenceCount: sequences.count, lossSum: total.loss, targetCount: total.targets)
    }

    static func diverged(epoch: Int, step: Int, _ optimizer: LocalOptimizer) -> TrainingError {
        TrainingError(
            "training diverged in epoch \(epoch + 1), step \(step + 1): the loss or a gradient is no longer finite. "
                + "The usual cause is the learning rate (\(optimizer)); lower it, or check that the global model is sound")
    }
}
