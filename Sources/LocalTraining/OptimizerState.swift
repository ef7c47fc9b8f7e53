internal import RecommenderModels
internal import Tensors

/// An optimiser in mid-flight. Rows that no step has touched have zero state and a zero update, so leaving them out gives the
/// same parameters as a dense step.
struct OptimizerState: Sendable {
    let optimizer: LocalOptimizer
    /// β₁ᵗ and β₂ᵗ.
    private var decay = (1.0, 1.0)
    /// Velocity, sum of squares, or mean; its touched rows are the union over the steps.
    private var first: GradientBuffer
    /// Adam's mean of squares; empty for the others.
    private var second: [Float]

    init(_ optimizer: LocalOptimizer, _ model: any Recommender) {
        self.optimizer = optimizer
        first = GradientBuffer(model)
        second = if case .adam = optimizer { [Float](repeating: 0, count: model.layout.count) } else { [] }
    }

    /// The ranges in which parameters may have moved since the last `reset`.
    func forEachMovedRange(_ body: (Range<Int>) -> Void) { first.forEachActiveRange(body) }

    /// The same, ascending.
    var movedRanges: [Range<Int>] { first.activeRanges }

    /// One step along the gradient.
    mutating func step(_ parameters: inout [Float], along gradient: GradientBuffer) {
        first.formUnion(touchedBy: gradient)
        parameters.withUnsafeMutableBufferPointer { parameters in
            gradient.values.withUnsafeBufferPointer { slopes in
                apply(parameters.baseAddress!, slopes.baseAddress!, gradient)
            }
        }
    }

    private mutating func apply(_ parameters: UnsafeMutablePointer<Float>, _ slopes: UnsafePointer<Float>, _ gradient: GradientBuffer) {
        switch optimizer {
        case .sgd(let rate, momentum: 0):
            gradient.forEachActiveRange { Kernels.axpy(-rate, slopes + $0.lowerBound, to: parameters + $0.lowerBound, count: $0.count) }
        case .sgd(let rate, let momentum):
            first.updateActiveRanges { range, velocity in
                Kernels.momentumStep(
                    rate: rate, momentum: momentum, gradient: slopes + range.lowerBound, velocity: velocity,
                    parameters: parameters + range.lowerBound, count: range.count)
            }
        case .adagrad(let rate):
            first.updateActiveRanges { range, squares in
                Kernels.adagradStep(
                    rate: rate, gradient: slopes + range.lowerBound, squares: squares, parameters: parameters + range.lowerBound,
                    count: range.count)
            }
        case .adam(let rate):
            decay = (decay.0 * 0.9, decay.1 * 0.999)
            let corrections = (Float(1 / (1 - decay.0)), Float(1 / (1 - decay.1)))
            second.withUnsafeMutableBufferPointer { second in
                let squares = second.baseAddress!
                first.updateActiveRanges { range, means in
                    Kernels.adamStep(
                        rate: rate, meanCorrection: corrections.0, squareCorrection: corrections.1, gradient: slopes + range.lowerBound,
                        means: means, squares: squares + range.lowerBound, parameters: parameters + range.lowerBound, count: range.count)
                }
            }
        }
    }

    /// As new, at the cost of what was touched.
    mutating func reset() {
        if !second.isEmpty {
            second.withUnsafeMutableBufferPointer { second in
                first.forEachActiveRange { (second.baseAddress! + $0.lowerBound).update(repeating: 0, count: $0.count) }
            }
        }
        first.reset()
        decay = (1, 1)
    }
}
