public import SeededRandom
public import Tensors

/// Matrix factorisation with the Bayesian personalised ranking loss (Rendle et al. 2009). Item vectors and biases are the
/// parameters; a user's vector p is folded in from the user's own events each time it is needed and kept nowhere, so that a known
/// user and a posted history are served in the same way.
///
/// Loss of an event i against a negative j drawn uniformly from the items the user has no event with:
/// −log σ(p·(q_i − q_j) + b_i − b_j) + λ/2 (|p|² + |q_i|² + |q_j|² + b_i² + b_j²).
/// The gradient with respect to the items takes p as fixed: at the fold-in's optimum that is the whole gradient.
public struct BPRMF: Recommender {
    public let configuration: BPRMFConfiguration
    public let itemCount: Int
    public let layout: ParameterLayout

    /// The most recent events of a history that p is folded in from.
    public static let historyLimit = 1000

    /// - Parameters:
    ///   - configuration: validated (`ModelConfiguration.recommender` does it).
    ///   - itemCount: V, at least 2.
    init(_ configuration: BPRMFConfiguration, itemCount: Int) {
        self.configuration = configuration
        self.itemCount = itemCount
        layout = ParameterLayout([("item.vectors", [itemCount, configuration.dimension]), ("item.bias", [itemCount])])
    }

    public var itemTables: [String] { ["item.vectors", "item.bias"] }
    public var sequenceUse: SequenceUse { .whole }
    public var sharedNegatives: Int { 0 }

    /// Item vectors uniform in ± √(3/D)/4 (standard deviation a quarter of 1/√D), biases 0.
    public func initialParameters(_ stream: RandomStream) -> [Float] {
        initialVectors(count: itemCount, stream.child("item.vectors")) + [Float](repeating: 0, count: itemCount)
    }

    /// count × D; users' vectors start as items' do.
    package func initialVectors(count: Int, _ stream: RandomStream) -> [Float] {
        let limit = 0.25 * (3 / Float(configuration.dimension)).squareRoot()
        var numbers = stream
        return (0..<count * configuration.dimension).map { _ in (2 * numbers.uniformFloat() - 1) * limit }
    }

    var biasStart: Int { itemCount * configuration.dimension }

    /// Every event, unless the user has events with all items.
    public func targetCount(of sequences: [ArraySlice<Int32>]) -> Int {
        sequences.reduce(0) { $0 + ($1.count < itemCount || Set($1).count < itemCount ? $1.count : 0) }
    }

    public func prepared(_ parameters: [Float]) -> any PreparedRecommender { PreparedBPRMF(self, parameters) }

    public func scores(_ parameters: [Float], histories: [ArraySlice<Int32>]) -> [Float] { prepared(parameters).scores(histories: histories) }

    public func accumulateGradient(
        _ parameters: [Float], sequences: [ArraySlice<Int32>], negatives: [Int32], stream: RandomStream?, weight: Float,
        into gradient: inout GradientBuffer, scratch: inout ScratchMemory
    ) -> LossSum {
        precondition(parameters.count == layout.count, "\(parameters.count) parameters do not fill a layout of \(layout.count)")
        var sum = LossSum()
        for (index, sequence) in sequences.enumerated() {
            var numbers = (stream ?? RandomStream(seed: 0, "bpr-mf")).child("negatives").child(index)
            let pairs = pairs(sequence, &numbers)
            if pairs.isEmpty { continue }
            for table in 0...1 { pairs.items.withUnsafeBufferPointer { gradient.touch(table, rows: $0) } }
            let user = foldIn(sequence, parameters)
            sum += LossSum(
                loss: addItemGradient(parameters, pairs: pairs, user: user, weight: weight, to: &gradient.values), targets: pairs.count)
        }
        return sum
    }
}
