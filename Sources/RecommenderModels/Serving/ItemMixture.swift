internal import Tensors

/// What an item that a model does not know is made of: items the model knows, with weights that sum to 1.
///
/// Scores are linear in the items' vectors, so the mixture of vectors is scored like the same mixture of scores: a new item is ranked
/// where, on the average, the items like it are. That also serves models that have no item vectors.
public struct ItemMixture: Sendable, Hashable {
    /// Known items, ascending.
    public let items: [Int32]
    /// One for each item; > 0, of sum 1.
    public let weights: [Float]

    /// Scales the weights to sum 1; `nil` when none is above 0.
    public init?(_ weights: [Int32: Double]) {
        let kept = weights.filter { $0.value > 0 }.sorted { $0.key < $1.key }
        let total = kept.reduce(0) { $0 + $1.value }
        guard total > 0, total.isFinite else { return nil }
        items = kept.map(\.key)
        self.weights = kept.map { Float($0.value / total) }
    }

    /// This mixture and another, the other with the given share.
    /// - Parameter share: in 0…1.
    public func blended(with other: ItemMixture, share: Double) -> ItemMixture {
        var sum: [Int32: Double] = [:]
        for (item, weight) in zip(items, weights) { sum[item, default: 0] += (1 - share) * Double(weight) }
        for (item, weight) in zip(other.items, other.weights) { sum[item, default: 0] += share * Double(weight) }
        return ItemMixture(sum) ?? self
    }

    /// The mixture of the known items' scores.
    /// - Parameter scores: V values.
    public func score(_ scores: ArraySlice<Float>) -> Float {
        zip(items, weights).reduce(0) { $0 + $1.1 * scores[scores.startIndex + Int($1.0)] }
    }
}

extension ItemVectors {
    /// The vectors and biases of items that the model does not know, in the order of their mixtures.
    public func extended(by mixtures: [ItemMixture]) -> ItemVectors {
        var new = [Float](repeating: 0, count: mixtures.count * width)
        var newBiases = [Float](repeating: 0, count: biases.isEmpty ? 0 : mixtures.count)
        vectors.withUnsafeBufferPointer { known in
            new.withUnsafeMutableBufferPointer { new in
                guard let known = known.baseAddress, let new = new.baseAddress else { return }
                for (row, mixture) in mixtures.enumerated() {
                    for (item, weight) in zip(mixture.items, mixture.weights) {
                        Kernels.axpy(weight, known + Int(item) * width, to: new + row * width, count: width)
                    }
                }
            }
        }
        if !biases.isEmpty {
            for (row, mixture) in mixtures.enumerated() { newBiases[row] = mixture.score(biases[...]) }
        }
        return ItemVectors(width: width, vectors: new, biases: newBiases)
    }
}
