internal import Tensors

/// Nearest neighbours of items: the score of item j is the sum of its similarities to those items of the history that are among
/// its k most similar ones. The parameters are the mean over users of their parts of the Gram matrix, as for ``EASE``.
public struct ItemKNN: GramRecommender {
    public let configuration: ItemKNNConfiguration
    let gram: GramStatistic

    /// - Throws: `ModelError` when the catalog is too large.
    init(_ configuration: ItemKNNConfiguration, itemCount: Int) throws {
        self.configuration = configuration
        gram = try GramStatistic(itemCount: itemCount, userWeight: configuration.userWeight)
    }

    public func prepared(_ parameters: [Float]) -> any PreparedRecommender {
        let V = itemCount
        let pairs = gram.matrix(parameters)
        let occurrences = gram.occurrences(parameters)
        let shrink = configuration.shrinkage * (configuration.similarity == .cosine ? gram.meanOccurrence(parameters) : 1)
        var links: [(from: Int32, to: Int32, weight: Float)] = []
        var candidates: [(item: Int32, weight: Float)] = []
        for item in 0..<V {
            candidates.removeAll(keepingCapacity: true)
            // The matrix is symmetric: a row is a column.
            for other in 0..<V where other != item && pairs[item * V + other] > 0 {
                let weight = similarity(pairs[item * V + other], occurrences[item], occurrences[other], shrink)
                if weight > 0, weight.isFinite { candidates.append((Int32(other), weight)) }
            }
            if candidates.count > configuration.neighbours {
                candidates.sort { ($1.weight, $0.item) < ($0.weight, $1.item) }
                candidates.removeLast(candidates.count - configuration.neighbours)
            }
            links += candidates.map { ($0.item, Int32(item), $0.weight) }
        }
        return SparseItemItemRecommender(itemCount: V, links: links)
    }

    func similarity(_ both: Float, _ one: Float, _ other: Float, _ shrink: Float) -> Float {
        let product = (one * other).squareRoot()
        switch configuration.similarity {
        case .cosine: return both / (product + shrink)
        case .euclidean:
            guard product > 0 else { return 0 }
            return 1 / (1 + shrink + (max(0, one + other - 2 * both) / product).squareRoot())
        }
    }
}
