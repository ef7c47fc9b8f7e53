public import SeededRandom
public import Tensors

/// LightGCN (He et al. 2020) that serves any history: a user is the n different items met, q = n^(−½) Σ c_i, and the score of
/// item j is q · v_j. So a known user and a posted history are served in the same way, and no user has parameters to keep.
///
/// Parameters are v (`item.vectors`) and c (`item.context`), V × D each. Where they come from differs:
/// * pooled, both are vectors passed along the edges of everybody's graph (`LightGCNPooledAlgorithm`), which is the paper's model, except
///   that who is served has no vector of his own;
/// * federated, no place knows the graph, so both tables are learned freely from each user's own edges, the layer of the user alone.
///   The gradient here is that of −log σ(q_i · (v_i − v_j)) + λ/2 (|v_i|² + |v_j|² + |c_i|²) for each item i met and a j not met, where q_i
///   is the user without i, because a free table could otherwise answer each item by itself.
public struct LightGCN: Recommender {
    public let configuration: LightGCNConfiguration
    public let itemCount: Int
    public let layout: ParameterLayout

    init(_ configuration: LightGCNConfiguration, itemCount: Int) {
        self.configuration = configuration
        self.itemCount = itemCount
        let shape = [itemCount, configuration.dimension]
        layout = ParameterLayout([("item.vectors", shape), ("item.context", shape)])
    }

    private var D: Int { configuration.dimension }
    var contextStart: Int { itemCount * D }
    public var itemTables: [String] { ["item.vectors", "item.context"] }
    public var sequenceUse: SequenceUse { .whole }
    public var sharedNegatives: Int { 0 }

    /// Both tables uniform in ± √(3/D), standard deviation 1/√D.
    public func initialParameters(_ stream: RandomStream) -> [Float] {
        let limit = (3 / Float(D)).squareRoot()
        var numbers = stream.child("item.vectors")
        return (0..<layout.count).map { _ in (2 * numbers.uniformFloat() - 1) * limit }
    }

    /// The different items of users with at least two who have not met everything.
    public func targetCount(of sequences: [ArraySlice<Int32>]) -> Int {
        sequences.reduce(0) {
            let count = distinctItems($1).count
            return $0 + (isTrainable(count) ? count : 0)
        }
    }

    private func isTrainable(_ count: Int) -> Bool { count >= 2 && count < itemCount }

    public func prepared(_ parameters: [Float]) -> any PreparedRecommender {
        precondition(parameters.count == layout.count, "\(parameters.count) parameters do not fill a layout of \(layout.count)")
        let context = Array(parameters[contextStart...])
        return InnerProductRecommender(items: ItemVectors(width: D, vectors: Array(parameters[..<contextStart]))) { history, query in
            let items = distinctItems(history)
            context.withUnsafeBufferPointer { context in
                guard let rows = context.baseAddress else { return }
                for item in items { Kernels.add(rows + Int(item) * D, to: query, count: D) }
            }
            if !items.isEmpty { Kernels.scale(query, by: 1 / Float(items.count).squareRoot(), count: D) }
        }
    }

    public func scores(_ parameters: [Float], histories: [ArraySlice<Int32>]) -> [Float] { prepared(parameters).scores(histories: histories) }

    public func accumulateGradient(
        _ parameters: [Float], sequences: [ArraySlice<Int32>], negatives: [Int32], stream: RandomStream?, weight: Float,
        into gradient: inout GradientBuffer, scratch: inout ScratchMemory
    ) -> LossSum {
        precondition(parameters.count == layout.count, "\(parameters.count) parameters do not fill a layout of \(layout.count)")
        var total = LossSum()
        for (index, sequence) in sequences.enumerated() {
            let items = distinctItems(sequence)
            guard isTrainable(items.count) else { continue }
            var numbers = (stream ?? RandomStream(seed: 0, "lightgcn")).child("negatives").child(index)
            let others = items.map { _ in itemNotMet(items, &numbers) }
            items.withUnsafeBufferPointer {
                gradient.touch(0, rows: $0)
                gradient.touch(1, rows: $0)
            }
            others.withUnsafeBufferPointer { gradient.touch(0, rows: $0) }
            let loss = scratch.withArena(of: 4 * D) { arena in
                userGradient(parameters, items: items, others: others, weight: weight, arena: &arena, to: &gradient.values)
            }
            total += LossSum(loss: loss, targets: items.count)
        }
        return total
    }

    /// Uniform over the items that are not among `met`, ascending.
    package func itemNotMet(_ met: some RandomAccessCollection<Int32>, _ numbers: inout RandomStream) -> Int32 {
        while true {
            let item = Int32(numbers.below(itemCount))
            var (low, high) = (met.startIndex, met.endIndex)
            while low < high {
                let middle = met.index(low, offsetBy: met.distance(from: low, to: high) / 2)
                if met[middle] < item { low = met.index(after: middle) } else { high = middle }
            }
            if low == met.endIndex || met[low] != item { return item }
        }
    }

    /// Adds `weight` × one user's gradient; returns the summed loss.
    private func userGradient(
        _ parameters: [Float], items: [Int32], others: [Int32], weight: Float, arena: inout ScratchArena, to gradient: inout [Float]
    ) -> Double {
        let (sum, user, pull, pulls) = (arena.takeZeros(D), arena.take(D), arena.take(D), arena.takeZeros(D))
        let norm = 1 / Float(items.count - 1).squareRoot()
        let λ = configuration.regularization
        var loss = 0.0
        parameters.withUnsafeBufferPointer { parameters in
            gradient.withUnsafeMutableBufferPointer { gradient in
                guard let vectors = parameters.baseAddress, let slopes = gradient.baseAddress else { return }
                let (context, contextSlopes) = (vectors + contextStart, slopes + contextStart)
                for item in items { Kernels.add(context + Int(item) * D, to: sum, count: D) }
                for (item, other) in zip(items, others) {
                    let (own, place, otherPlace) = (context + Int(item) * D, Int(item) * D, Int(other) * D)
                    Kernels.subtract(sum, own, into: user, count: D)
                    Kernels.scale(user, by: norm, count: D)
                    Kernels.subtract(vectors + place, vectors + otherPlace, into: pull, count: D)
                    let margin = Kernels.dot(user, pull, count: D)
                    let slope = -Kernels.sigmoid(-margin)
                    let norms = [vectors + place, vectors + otherPlace, own].reduce(Float(0)) { $0 + Kernels.dot($1, $1, count: D) }
                    loss += Double(Kernels.softplus(-margin)) + Double(λ / 2 * norms)
                    Kernels.axpy(weight * slope, user, to: slopes + place, count: D)
                    Kernels.axpy(weight * λ, vectors + place, to: slopes + place, count: D)
                    Kernels.axpy(-weight * slope, user, to: slopes + otherPlace, count: D)
                    Kernels.axpy(weight * λ, vectors + otherPlace, to: slopes + otherPlace, count: D)
                    // Every item but this one moves along the pull: all of them at the end, this one back here.
                    Kernels.axpy(weight * slope * norm, pull, to: pulls, count: D)
                    Kernels.axpy(-weight * slope * norm, pull, to: contextSlopes + place, count: D)
                    Kernels.axpy(weight * λ, own, to: contextSlopes + place, count: D)
                }
                for item in items { Kernels.add(pulls, to: contextSlopes + Int(item) * D, count: D) }
            }
        }
        return loss
    }
}
