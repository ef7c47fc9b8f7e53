internal import Glibc
public import SeededRandom
public import Tensors

/// Implicit alternating least squares; see ``IALSConfiguration`` for the loss. The parameters are the items' vectors, V × D.
///
/// Pooled training solves whole sides in turn. As a `Recommender` it has the gradient of one user's share of the loss at the user's
/// solved vector; a federation that wants exact sweeps trains ``IALSStatistics`` instead.
public struct IALS: Recommender {
    public let configuration: IALSConfiguration
    public let itemCount: Int
    public let layout: ParameterLayout

    /// - Parameters:
    ///   - configuration: validated (`ModelConfiguration.recommender` does it).
    ///   - itemCount: V, at least 2.
    init(_ configuration: IALSConfiguration, itemCount: Int) {
        self.configuration = configuration
        self.itemCount = itemCount
        layout = ParameterLayout([("item.vectors", [itemCount, configuration.dimension])])
    }

    public var itemTables: [String] { ["item.vectors"] }
    public var sequenceUse: SequenceUse { .whole }
    public var sharedNegatives: Int { 0 }

    /// Uniform with standard deviation 0.1 / √D, so that the first predictions are near 0 (Rendle et al. 2021, section 3).
    public func initialParameters(_ stream: RandomStream) -> [Float] {
        configuration.initialVectors(count: itemCount, stream.child("item.vectors"))
    }

    public func prepared(_ parameters: [Float]) -> any PreparedRecommender {
        precondition(parameters.count == layout.count, "\(parameters.count) parameters do not fill a layout of \(layout.count)")
        return PreparedIALS(configuration, vectors: parameters)
    }

    public func scores(_ parameters: [Float], histories: [ArraySlice<Int32>]) -> [Float] { prepared(parameters).scores(histories: histories) }

    /// Every distinct item of every user.
    public func targetCount(of sequences: [ArraySlice<Int32>]) -> Int { sequences.reduce(0) { $0 + Set($1).count } }

    /// The user's share of the loss is Σ over its items (ŷ − 1)² + α₀ Σ over all items ŷ², and λ (1 for its items + α₀) |q_i|² for
    /// every item: summed over users the regulariser for ν = 1.
    public func accumulateGradient(
        _ parameters: [Float], sequences: [ArraySlice<Int32>], negatives: [Int32], stream: RandomStream?, weight: Float,
        into gradient: inout GradientBuffer, scratch: inout ScratchMemory
    ) -> LossSum {
        let prepared = PreparedIALS(configuration, vectors: parameters)
        let (V, D) = (itemCount, configuration.dimension)
        let (λ, unobserved) = (configuration.regularization, configuration.unobservedWeight)
        var sum = LossSum()
        gradient.touchAll(0)
        for sequence in sequences {
            let items = distinct(sequence)
            if items.isEmpty { continue }
            let user = prepared.query(items)
            var observed = [Bool](repeating: false, count: V)
            for item in items { observed[Int(item)] = true }
            var loss = 0.0
            parameters.withUnsafeBufferPointer { parameters in
                gradient.values.withUnsafeMutableBufferPointer { slopes in
                    for item in 0..<V {
                        let (vector, slope) = (parameters.baseAddress! + item * D, slopes.baseAddress! + item * D)
                        let score = Kernels.dot(user, vector, count: D)
                        let miss = observed[item] ? score - 1 : 0
                        let ridge = λ * (unobserved + (observed[item] ? 1 : 0))
                        loss += Double(miss * miss + unobserved * score * score + ridge * Kernels.dot(vector, vector, count: D))
                        Kernels.axpy(2 * weight * (miss + unobserved * score), user, to: slope, count: D)
                        Kernels.axpy(2 * weight * ridge, vector, to: slope, count: D)
                    }
                }
            }
            sum += LossSum(loss: loss, targets: items.count)
        }
        return sum
    }
}

/// The distinct items of a history, ascending.
func distinct(_ history: ArraySlice<Int32>) -> [Int32] {
    var items = history.sorted()
    var count = 0
    for item in items where count == 0 || items[count - 1] != item {
        items[count] = item
        count += 1
    }
    items.removeLast(items.count - count)
    return items
}

extension IALSConfiguration {
    /// The ridge of a row with that many events against M rows of the other side: λ M (n / M + α₀)^ν.
    package func ridge(events: Int, against rows: Int) -> Float {
        let share = Double(events) / Double(rows) + Double(unobservedWeight)
        return regularization * Float(rows) * power(share)
    }

    /// x^ν.
    func power(_ x: Double) -> Float {
        if regularizationExponent == 1 { return Float(x) }
        return Float(pow(x, Double(regularizationExponent)))
    }

    /// Uniform with standard deviation 0.1 / √D; count × D.
    package func initialVectors(count: Int, _ stream: RandomStream) -> [Float] {
        let limit = 0.1 * (3 / Float(dimension)).squareRoot()
        var numbers = stream
        return (0..<count * dimension).map { _ in (2 * numbers.uniformFloat() - 1) * limit }
    }
}
