package import DifferentialPrivacy
internal import RecommenderModels
package import SeededRandom
internal import Tensors

/// A worker's memory for one user after the other: O(d), whatever the number of users, and nothing is allocated for a user once the
/// buffers have grown to the largest.
///
/// Every user's products are computed over that user's rows alone. Products shared by several users would be no faster at these sizes, and
/// a row's bits could then depend on how many others stand beside it.
package struct UserTrainer {
    private let trainer: LocalTrainer
    private let global: [Float]
    private let stream: RandomStream
    private let quantizer: UserQuantizer

    private var gradient: GradientBuffer
    private var scratch = ScratchMemory()
    /// What more than one step needs; made for the first user who takes more.
    private var walk: Walk?
    /// The user's windows, most recent first.
    private var windows: [ArraySlice<Int32>] = []
    /// The windows of a step.
    private var batch: [ArraySlice<Int32>] = []
    /// Negatives by step; all users share them.
    private var negatives: [[Int32]] = []
    private var moved: [Range<Int>] = []
    package private(set) var sum: UserSum

    /// Parameters on their way from the global ones, and back there after every user.
    private struct Walk {
        var local: [Float]
        var delta: [Float]
        var optimizer: OptimizerState

        /// delta ← local − global and local ← global where parameters moved.
        mutating func takeChange(since global: [Float], in ranges: [Range<Int>]) {
            local.withUnsafeMutableBufferPointer { local in
                delta.withUnsafeMutableBufferPointer { delta in
                    global.withUnsafeBufferPointer { global in
                        for range in ranges {
                            let start = range.lowerBound
                            Kernels.takeChange(
                                of: local.baseAddress! + start, since: global.baseAddress! + start, into: delta.baseAddress! + start,
                                count: range.count)
                        }
                    }
                }
            }
        }
    }

    package init(_ trainer: LocalTrainer, _ parameters: [Float], stream: RandomStream, quantizer: UserQuantizer) {
        self.trainer = trainer
        global = parameters
        self.stream = stream
        self.quantizer = quantizer
        gradient = GradientBuffer(trainer.model)
        sum = UserSum(dimension: parameters.count)
    }

    /// Trains on one user's events and adds the integers to `sum`; leaves the worker as it was for the next.
    package mutating func train(_ events: ArraySlice<Int32>) throws {
        trainer.cut(events, into: &windows)
        if trainer.model.targetCount(of: windows) == 0 { return }
        let own = stream.child(numbers: events)
        var rounding = own.child("rounding")
        sum.contributingUsers += 1
        if let rate = singleStepRate {
            let loss = addGradient(of: windows, at: global, step: 0, own: own)
            sum.add(loss.loss, targets: loss.targets)
            gradient.writeActiveRanges(to: &moved)
            defer { gradient.reset() }
            try add(gradient.values, times: -Double(rate), &rounding)
        } else {
            var walk = self.walk.take() ?? newWalk()
            defer { self.walk = walk }
            let loss = descend(&walk, own: own)
            sum.add(loss.loss, targets: loss.targets)
            walk.optimizer.writeMovedRanges(to: &moved)
            walk.takeChange(since: global, in: moved)
            walk.optimizer.reset()
            try add(walk.delta, times: 1, &rounding)
        }
    }

    /// η when the user takes a single step whose change is −η × its gradient.
    private var singleStepRate: Float? {
        guard trainer.training.epochs == 1, windows.count <= trainer.training.batchSize,
            case .sgd(let rate, _) = trainer.training.optimizer
        else { return nil }
        return rate
    }

    private func newWalk() -> Walk {
        Walk(
            local: global, delta: [Float](repeating: 0, count: global.count),
            optimizer: OptimizerState(trainer.training.optimizer, trainer.model))
    }

    /// All epochs over the windows.
    private mutating func descend(_ walk: inout Walk, own: RandomStream) -> LossSum {
        let size = trainer.training.batchSize
        var loss = LossSum()
        var step = 0
        for _ in 0..<trainer.training.epochs {
            for index in (0..<(windows.count + size - 1) / size).reversed() {
                batch.removeAll(keepingCapacity: true)
                batch.append(contentsOf: windows[(index * size)..<min((index + 1) * size, windows.count)])
                loss += addGradient(of: batch, at: walk.local, step: step, own: own)
                walk.optimizer.step(&walk.local, consuming: &gradient)
                step += 1
            }
        }
        return loss
    }

    /// The gradient of the mean loss over the sequences' targets.
    private mutating func addGradient(
        of sequences: [ArraySlice<Int32>], at parameters: [Float], step: Int, own: RandomStream
    ) -> LossSum {
        while negatives.count <= step { negatives.append(trainer.negatives(stream, step: negatives.count)) }
        let targets = trainer.model.targetCount(of: sequences)
        if targets == 0 { return LossSum() }
        return trainer.model.accumulateGradient(
            parameters, sequences: sequences, negatives: negatives[step], stream: own.child(step), weight: 1 / Float(targets),
            into: &gradient, scratch: &scratch)
    }

    /// Quantizes a multiple of a change that is zero outside of `moved`.
    private mutating func add(_ change: [Float], times weight: Double, _ rounding: inout RandomStream) throws {
        // A range is a promise about every value; a clip finds out by itself.
        if case .range = quantizer.bound, !moved.allSatisfy({ Kernels.isFinite(change[$0]) }) {
            sum.nonFiniteUsers += 1
            return
        }
        let outcome = try quantizer.add(change, weight: weight, touched: moved, to: &sum.sum, stream: &rounding)
        sum.clippedUsers += outcome.wasClipped ? 1 : 0
        sum.truncatedUsers += outcome.wasTruncated ? 1 : 0
        sum.nonFiniteUsers += outcome.wasNonFinite ? 1 : 0
    }
}
