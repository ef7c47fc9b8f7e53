public import Interactions
internal import RecommenderModels
public import SeededRandom
internal import Tensors

extension LocalTrainer {
    /// Mini-batch epochs over the training sequences of all users, shuffled in every epoch.
    ///
    /// A batch is split into pieces in a way that depends on its size only, and the pieces' gradients are added in their order, so
    /// that the result is bit-identical for any number of workers (on one type of CPU).
    /// - Parameters:
    ///   - parameters: the global model, d values.
    ///   - users: training events; users with fewer than `minimumEvents` are left out.
    ///   - stream: names shuffles, dropout and negatives.
    /// - Throws: `TrainingError` when parameters or items do not fit the model, when no user has enough events, or when the loss
    ///   stops being finite; `CancellationError`.
    public func trainSilo(from parameters: [Float], users: UserSequences, stream: RandomStream) async throws -> SiloUpdate {
        try check(parameters, users)
        let sequences = (0..<users.userCount).flatMap { self.sequences(of: users[$0]) }
        guard !sequences.isEmpty else {
            throw TrainingError("no user has \(training.minimumEvents) training events; import more events or lower minimumEvents")
        }
        let pool = (0..<workers).map { _ in GradientWorker(model) }
        var local = parameters
        var optimizer = OptimizerState(training.optimizer, model)
        var total = LossSum()
        var step = 0
        for epoch in 0..<training.epochs {
            var order = Array(sequences.indices)
            var numbers = stream.child("shuffle").child(epoch)
            numbers.shuffle(&order)
            for start in stride(from: 0, to: order.count, by: training.batchSize) {
                try Task.checkCancellation()
                let batch = order[start..<min(start + training.batchSize, order.count)].map { sequences[$0] }
                let (gradient, loss) = await batchGradient(local, batch, stream: stream.child("step").child(step), step: step, stream, pool)
                guard let gradient else { continue }
                guard loss.loss.isFinite, Kernels.isFinite(gradient.values) else { throw Self.diverged(epoch: epoch, step: step, training.optimizer) }
                optimizer.step(&local, along: gradient)
                await pool[0].recycle(gradient)
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

    /// The gradient of the batch's mean loss; `nil` when it has no targets.
    private func batchGradient(
        _ parameters: [Float], _ batch: [ArraySlice<Int32>], stream: RandomStream, step: Int, _ root: RandomStream, _ pool: [GradientWorker]
    ) async -> (GradientBuffer?, LossSum) {
        let pieces = Self.pieces(batch)
        let weight = 1 / Float(max(1, model.targetCount(of: batch)))
        let negatives = negatives(root, step: step)
        let results = await withTaskGroup(of: [(Int, GradientBuffer, LossSum)].self) { group in
            for (index, worker) in pool.enumerated() where index < pieces.count {
                group.addTask {
                    var results: [(Int, GradientBuffer, LossSum)] = []
                    for piece in stride(from: index, to: pieces.count, by: pool.count) {
                        let (gradient, loss) = await worker.gradient(
                            parameters, pieces[piece], negatives: negatives, stream: stream.child(piece), weight: weight)
                        results.append((piece, gradient, loss))
                    }
                    return results
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        var total: GradientBuffer?
        var loss = LossSum()
        for (piece, gradient, pieceLoss) in results.sorted(by: { $0.0 < $1.0 }) {
            loss += pieceLoss
            if total == nil {
                total = gradient
            } else {
                total?.add(gradient)
                await pool[piece % pool.count].recycle(gradient)
            }
        }
        return (loss.targets > 0 ? total : nil, loss)
    }

    /// Parts of about equal work: longest sequences dealt first, in turn. Their number depends on the batch's size only.
    static func pieces(_ batch: [ArraySlice<Int32>]) -> [[ArraySlice<Int32>]] {
        let count = min(max(batch.count / 16, 1), 8)
        var pieces = [[ArraySlice<Int32>]](repeating: [], count: count)
        let order = batch.indices.sorted { (batch[$1].count, $0) < (batch[$0].count, $1) }
        for (rank, index) in order.enumerated() { pieces[rank % count].append(batch[index]) }
        return pieces
    }

    private static func diverged(epoch: Int, step: Int, _ optimizer: LocalOptimizer) -> TrainingError {
        TrainingError(
            "training diverged in epoch \(epoch + 1), step \(step + 1): the loss or a gradient is no longer finite. "
                + "The usual cause is the learning rate (\(optimizer)); lower it, or check that the global model is sound")
    }
}
