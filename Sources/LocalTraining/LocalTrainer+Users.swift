public import DifferentialPrivacy
public import Interactions
internal import RecommenderModels
public import SeededRandom
internal import Tensors

extension LocalTrainer {
    /// Every selected user trains alone from `parameters`; the quantizer's integers are added up exactly.
    ///
    /// A user's integers are a function of the parameters, the plan, the public stream and that user's own events: not of other
    /// users, of ids or of row numbers. Shared negatives come from the public stream; dropout, own negatives and rounding from a
    /// stream that the user's events name. The sum depends neither on the users' order nor on the number of workers.
    /// - Parameters:
    ///   - parameters: the global model, d values.
    ///   - users: training events.
    ///   - selected: distinct row numbers of `users`; users with fewer than `minimumEvents` are left out.
    ///   - stream: the round's public stream.
    /// - Throws: `TrainingError` when parameters or items do not fit the model; what the quantizer throws; `CancellationError`.
    public func trainUsers(
        from parameters: [Float], users: UserSequences, selected: [Int], stream: RandomStream, quantizer: UserQuantizer
    ) async throws -> UserSum {
        try check(parameters, users)
        precondition(quantizer.dimension == parameters.count, "the quantizer was made for another number of parameters")
        precondition(selected.allSatisfy { (0..<users.userCount).contains($0) }, "a selected user does not exist")
        let negatives = (0..<training.epochs).map { self.negatives(stream, step: $0) }
        return try await withThrowingTaskGroup(of: UserSum.self) { group in
            for worker in 0..<min(workers, max(1, selected.count)) {
                group.addTask {
                    var trainer = SingleUserTrainer(self, parameters, negatives: negatives, stream: stream, quantizer: quantizer)
                    for index in stride(from: worker, to: selected.count, by: workers) {
                        try Task.checkCancellation()
                        try trainer.train(users[selected[index]])
                    }
                    return trainer.sum
                }
            }
            var total = UserSum(dimension: parameters.count)
            for try await part in group { total.add(part) }
            return total
        }
    }
}

/// A worker's memory for one user after the other: O(d), whatever the number of users.
private struct SingleUserTrainer {
    let trainer: LocalTrainer
    let global: [Float]
    let negatives: [[Int32]]
    let stream: RandomStream
    let quantizer: UserQuantizer

    private var local: [Float]
    private var delta: [Float]
    private var gradient: GradientBuffer
    private var optimizer: OptimizerState
    private var scratch = ScratchMemory()
    private(set) var sum: UserSum

    init(_ trainer: LocalTrainer, _ parameters: [Float], negatives: [[Int32]], stream: RandomStream, quantizer: UserQuantizer) {
        self.trainer = trainer
        global = parameters
        self.negatives = negatives
        self.stream = stream
        self.quantizer = quantizer
        local = parameters
        delta = [Float](repeating: 0, count: parameters.count)
        gradient = GradientBuffer(trainer.model)
        optimizer = OptimizerState(trainer.training.optimizer, trainer.model)
        sum = UserSum(dimension: parameters.count)
    }

    /// Trains on one user's events and adds the integers to `sum`; leaves the worker as it was for the next.
    mutating func train(_ events: ArraySlice<Int32>) throws {
        let sequences = trainer.sequences(of: events)
        let targets = trainer.model.targetCount(of: sequences)
        if targets == 0 { return }
        let own = stream.child(bytes: events.lazy.flatMap { item in (0..<4).map { UInt8(truncatingIfNeeded: item >> (8 * Int32($0))) } })
        var loss = LossSum()
        for (step, negatives) in negatives.enumerated() {
            loss += trainer.model.accumulateGradient(
                local, sequences: sequences, negatives: negatives, stream: own.child(step), weight: 1 / Float(targets), into: &gradient,
                scratch: &scratch)
            optimizer.step(&local, along: gradient)
            gradient.reset()
        }
        let moved = optimizer.movedRanges
        writeDelta(moved)
        var rounding = own.child("rounding")
        sum.contributingUsers += 1
        sum.add(loss.loss, targets: loss.targets)
        if moved.allSatisfy({ Kernels.isFinite(delta[$0]) }) {
            let outcome = try quantizer.add(delta, touched: moved, to: &sum.sum, stream: &rounding)
            sum.clippedUsers += outcome.wasClipped ? 1 : 0
            sum.truncatedUsers += outcome.wasTruncated ? 1 : 0
        } else {
            sum.nonFiniteUsers += 1
        }
        restore(moved)
    }

    private mutating func writeDelta(_ moved: [Range<Int>]) {
        for range in moved {
            for index in range { delta[index] = local[index] - global[index] }
        }
    }

    /// Parameters global, delta zero, optimiser new.
    private mutating func restore(_ moved: [Range<Int>]) {
        for range in moved {
            for index in range {
                local[index] = global[index]
                delta[index] = 0
            }
        }
        optimizer.reset()
    }
}
