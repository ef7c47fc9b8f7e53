internal import Tensors

/// EASE (Steck 2019): scores x B, where B is the matrix with zero diagonal that minimises |X − X B|² + λ|B|², and x holds the
/// items of the history. The parameters are the mean over users of their parts of the Gram matrix G; serving solves
/// P = (G + λI)⁻¹, B_ij = −P_ij ∕ P_jj (eq. 8).
public struct EASE: GramRecommender {
    public let configuration: EASEConfiguration
    let gram: GramStatistic

    /// - Throws: `ModelError` when the catalog is too large.
    init(_ configuration: EASEConfiguration, itemCount: Int) throws {
        self.configuration = configuration
        gram = try GramStatistic(itemCount: itemCount, userWeight: configuration.userWeight)
    }

    public func prepared(_ parameters: [Float]) -> any PreparedRecommender {
        ItemItemRecommender(itemCount: itemCount, weights: weights(parameters))
    }

    /// B, V × V: entry (i, j) is what an event with item i adds to the score of item j.
    func weights(_ parameters: [Float]) -> [Float] {
        let V = itemCount
        let unit = gram.meanOccurrence(parameters)
        guard unit > 0 else { return [Float](repeating: 0, count: V * V) }
        var λ = configuration.regularization * unit
        // The Gram matrix of events is positive semi-definite, so that the first try succeeds. Noise may have made it indefinite.
        while λ.isFinite {
            var inverse = gram.matrix(parameters)
            for item in 0..<V { inverse[item * V + item] = max(0, inverse[item * V + item]) + λ }
            if LinearAlgebra.invertPositiveDefinite(&inverse, order: V) {
                Self.divideColumns(&inverse, order: V)
                return inverse
            }
            λ *= 2
        }
        return [Float](repeating: 0, count: V * V)
    }

    /// P becomes −P_ij ∕ P_jj with zero diagonal.
    private static func divideColumns(_ matrix: inout [Float], order V: Int) {
        let factors = (0..<V).map { -1 / matrix[$0 * V + $0] }
        matrix.withUnsafeMutableBufferPointer { matrix in
            guard let start = matrix.baseAddress else { return }
            for row in 0..<V {
                Kernels.multiply(start + row * V, by: factors, count: V)
                matrix[row * V + row] = 0
            }
        }
    }
}
