internal import SeededRandom
internal import Tensors

/// PureSVD (Cremonesi et al. 2010, eq. 5): scores x Q Qᵀ, where the columns of Q are the leading right singular vectors of X,
/// which are the leading eigenvectors of the Gram matrix XᵀX. The parameters are the mean over users of their parts of that matrix,
/// as for ``EASE``; serving finds the eigenvectors.
public struct PureSVD: GramRecommender {
    public let configuration: PureSVDConfiguration
    let gram: GramStatistic

    /// Up to this V all eigenvectors are computed, which is then as fast as an iteration for some.
    static let directLimit = 500

    /// - Throws: `ModelError` when the catalog is too large.
    init(_ configuration: PureSVDConfiguration, itemCount: Int) throws {
        self.configuration = configuration
        gram = try GramStatistic(itemCount: itemCount, userWeight: configuration.userWeight)
    }

    public func prepared(_ parameters: [Float]) -> any PreparedRecommender {
        let vectors = ItemVectors(width: min(configuration.dimension, itemCount), vectors: itemVectors(parameters))
        return InnerProductRecommender(items: vectors) { history, query in
            for item in distinctItems(history) {
                for column in 0..<vectors.width { query[column] += vectors.vectors[Int(item) * vectors.width + column] }
            }
        }
    }

    /// Q, V × f; zero before the first sweep.
    func itemVectors(_ parameters: [Float]) -> [Float] {
        let (V, f) = (itemCount, min(configuration.dimension, itemCount))
        guard gram.meanOccurrence(parameters) > 0 else { return [Float](repeating: 0, count: V * f) }
        let rows = leadingRows(gram.matrix(parameters), count: f)
        var vectors = [Float](repeating: 0, count: V * f)
        for (row, start) in stride(from: 0, to: rows.count, by: V).enumerated() {
            for item in 0..<V { vectors[item * f + row] = rows[start + item] }
        }
        return vectors
    }

    /// f × V.
    func leadingRows(_ matrix: [Float], count f: Int) -> [Float] {
        let V = itemCount
        if V <= Self.directLimit {
            var eigenvectors = matrix
            guard LinearAlgebra.symmetricEigenvectors(&eigenvectors, order: V) != nil else { return [] }
            return (0..<f).flatMap { eigenvectors[(V - 1 - $0) * V..<(V - $0) * V] }
        }
        let rows = min(V, f + max(16, f / 2))
        var numbers = RandomStream(seed: 0, "pure-svd")
        let start = (0..<rows * V).map { _ in 2 * numbers.uniformFloat() - 1 }
        return LinearAlgebra.leadingEigenvectors(of: matrix, order: V, start: start, rows: rows, count: f)
    }
}
