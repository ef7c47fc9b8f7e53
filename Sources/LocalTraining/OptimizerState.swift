package import RecommenderModels
internal import Tensors

/// An optimiser in mid-flight. Rows that no step has touched have zero state and a zero update, so leaving them out gives the
/// same parameters as a dense step; AdamW with decay moves every row, unless it is asked to be sparse.
package struct OptimizerState: Sendable {
    package let optimizer: LocalOptimizer
    /// β₁ᵗ and β₂ᵗ.
    private var decay = (1.0, 1.0)
    /// Steps since the last `reset`.
    package private(set) var steps = 0
    /// Velocity, sum of squares, or mean; its touched rows are the union over the steps.
    private var first: GradientBuffer
    /// Adam's mean of squares, Adagrad's velocity; empty for the others.
    private var second: [Float]
    private var blocks = RangeBlocks()

    package init(_ optimizer: LocalOptimizer, _ model: any Recommender) {
        self.optimizer = optimizer
        first = GradientBuffer(model)
        second =
            switch optimizer {
            case .adam, .adamW, .adagradMomentum: [Float](repeating: 0, count: model.layout.count)
            case .sgd, .adagrad: []
            }
    }

    /// The ranges in which parameters may have moved since the last `reset`.
    func forEachMovedRange(_ body: (Range<Int>) -> Void) { first.forEachActiveRange(body) }

    /// Replaces `ranges` by the same, ascending.
    func writeMovedRanges(to ranges: inout [Range<Int>]) { first.writeActiveRanges(to: &ranges) }

    /// One step along the gradient.
    /// - Parameters:
    ///   - scale: what the schedule multiplies the learning rate with.
    ///   - workers: threads; the result does not depend on it.
    package mutating func step(_ parameters: inout [Float], along gradient: GradientBuffer, scale: Float = 1, workers: Int = 1) {
        first.formUnion(touchedBy: gradient)
        if case .adamW(let settings) = optimizer, !settings.sparse, settings.weightDecay > 0 { first.touchEverything() }
        steps += 1
        blocks.cut(movesGradientRowsOnly ? gradient : first)
        parameters.withUnsafeMutableBufferPointer { parameters in
            gradient.values.withUnsafeBufferPointer { slopes in
                apply(parameters.baseAddress!, slopes.baseAddress!, scale, workers)
            }
        }
    }

    /// Whether a step leaves rows alone that earlier gradients touched.
    private var movesGradientRowsOnly: Bool {
        switch optimizer {
        case .sgd(_, let momentum): momentum == 0
        case .adamW(let settings): settings.sparse
        case .adam, .adagrad, .adagradMomentum: false
        }
    }

    /// One step along the gradient, which is zero afterwards.
    mutating func step(_ parameters: inout [Float], consuming gradient: inout GradientBuffer) {
        guard case .sgd(let rate, momentum: 0) = optimizer else {
            step(&parameters, along: gradient)
            gradient.reset()
            return
        }
        first.formUnion(touchedBy: gradient)
        parameters.withUnsafeMutableBufferPointer { parameters in
            gradient.updateActiveRanges { range, slopes in
                Kernels.descend(rate: rate, clearing: slopes, parameters: parameters.baseAddress! + range.lowerBound, count: range.count)
            }
        }
        gradient.forgetRows()
    }

    private mutating func apply(
        _ parameters: UnsafeMutablePointer<Float>, _ slopes: UnsafePointer<Float>, _ scale: Float, _ workers: Int
    ) {
        let (optimizer, blocks, rate) = (optimizer, blocks, optimizer.learningRate * scale)
        let corrections: (Float, Float) =
            switch optimizer {
            case .adam: nextCorrections(0.9, 0.999)
            case .adamW(let settings): nextCorrections(Double(settings.beta1), Double(settings.beta2))
            case .sgd, .adagrad, .adagradMomentum: (1, 1)
            }
        first.values.withUnsafeMutableBufferPointer { first in
            second.withUnsafeMutableBufferPointer { second in
                guard let first = first.baseAddress else { return }
                // An optimiser without a second buffer never reads this.
                let second = second.baseAddress ?? first
                blocks.forEach(workers: workers) { block in
                    optimizer.step(
                        parameters + block.lowerBound, along: slopes + block.lowerBound, first: first + block.lowerBound,
                        second: second + block.lowerBound, rate: rate, corrections: corrections, count: block.count)
                }
            }
        }
    }

    /// 1 / (1 − βᵗ) of both means at the step that begins.
    private mutating func nextCorrections(_ beta1: Double, _ beta2: Double) -> (Float, Float) {
        decay = (decay.0 * beta1, decay.1 * beta2)
        return (Float(1 / (1 - decay.0)), Float(1 / (1 - decay.1)))
    }

    /// As new, at the cost of what was touched.
    mutating func reset() {
        if !second.isEmpty {
            second.withUnsafeMutableBufferPointer { second in
                first.forEachActiveRange { (second.baseAddress! + $0.lowerBound).update(repeating: 0, count: $0.count) }
            }
        }
        if case .sgd(_, momentum: 0) = optimizer {
            first.forgetRows()
        } else {
            first.reset()
        }
        decay = (1, 1)
        steps = 0
    }
}

extension LocalOptimizer {
    /// One step of consecutive values.
    /// - Parameters:
    ///   - first, second: the state, as `OptimizerState` has it.
    ///   - corrections: Adam's, 1 / (1 − βᵗ) of both means.
    fileprivate func step(
        _ parameters: UnsafeMutablePointer<Float>, along slopes: UnsafePointer<Float>, first: UnsafeMutablePointer<Float>,
        second: UnsafeMutablePointer<Float>, rate: Float, corrections: (Float, Float), count: Int
    ) {
        switch self {
        case .sgd(_, momentum: 0): Kernels.axpy(-rate, slopes, to: parameters, count: count)
        case .sgd(_, let momentum):
            Kernels.momentumStep(rate: rate, momentum: momentum, gradient: slopes, velocity: first, parameters: parameters, count: count)
        case .adagrad: Kernels.adagradStep(rate: rate, gradient: slopes, squares: first, parameters: parameters, count: count)
        case .adagradMomentum(_, let momentum):
            Kernels.adagradMomentumStep(
                rate: rate, momentum: momentum, gradient: slopes, squares: first, velocity: second, parameters: parameters, count: count)
        case .adam:
            Kernels.adamStep(
                rate: rate, meanCorrection: corrections.0, squareCorrection: corrections.1, gradient: slopes, means: first, squares: second,
                parameters: parameters, count: count)
        case .adamW(let settings):
            Kernels.adamWStep(
                rate: rate, keep: 1 - rate * settings.weightDecay, beta1: settings.beta1, beta2: settings.beta2,
                meanCorrection: corrections.0, squareCorrection: corrections.1, gradient: slopes, means: first, squares: second,
                parameters: parameters, count: count)
        }
    }
}

extension OptimizerState {
    /// The state's tensors; with the number of steps they are all that the next step depends on.
    var tensors: [String: [Float]] {
        let first = ["optimizer.first": first.values]
        return second.isEmpty ? first : first.merging(["optimizer.second": second]) { $1 }
    }

    /// Goes on from tensors that `tensors` gave after so many steps.
    /// - Throws: `TrainingError` when a tensor is missing or has another length.
    mutating func restore(_ tensors: [String: [Float]], steps: Int) throws {
        first.values = try tensors.tensor("optimizer.first", count: first.values.count)
        // Which rows were touched is not kept: an untouched row has zero state, and a step over it changes nothing.
        first.touchEverything()
        if !second.isEmpty { second = try tensors.tensor("optimizer.second", count: second.count) }
        decay = (1, 1)
        self.steps = steps
        switch optimizer {
        case .adam: for _ in 0..<steps { _ = nextCorrections(0.9, 0.999) }
        case .adamW(let settings): for _ in 0..<steps { _ = nextCorrections(Double(settings.beta1), Double(settings.beta2)) }
        case .sgd, .adagrad, .adagradMomentum: break
        }
    }
}

extension [String: [Float]] {
    /// The tensor of that name and length.
    /// - Throws: `TrainingError`.
    func tensor(_ name: String, count: Int) throws -> [Float] {
        guard let values = self[name] else { throw TrainingError("the checkpoint lacks the tensor \(name); it belongs to another kind of training") }
        guard values.count == count else {
            throw TrainingError("the checkpoint's tensor \(name) has \(values.count) values and \(count) are needed; it belongs to another model")
        }
        return values
    }
}
