/// Scores by the similarity of items to those of the history (Sarwar et al. 2001), from counts of items met together.
public struct ItemKNNConfiguration: Sendable, Hashable {
    /// What makes two items alike. c_i is the (weighted) number of users of item i, c_ij that of both, h the shrinkage.
    public enum Similarity: Sendable, Hashable {
        /// c_ij ∕ (√(c_i c_j) + h c̄), c̄ the mean of the c_i: shrinkage holds down pairs that few users met.
        case cosine
        /// 1 ∕ (1 + h + √((c_i + c_j − 2 c_ij) ∕ √(c_i c_j))): Euclidean distance of the items' columns in units of their lengths.
        case euclidean
    }
    public var similarity: Similarity
    /// k: an item's score counts its k most similar items only; 1…20,000.
    public var neighbours: Int
    /// h; ≥ 0.
    public var shrinkage: Float
    public var userWeight: UserWeight

    public init(similarity: Similarity = .cosine, neighbours: Int = 100, shrinkage: Float = 0.1, userWeight: UserWeight = .equal) {
        self.similarity = similarity
        self.neighbours = neighbours
        self.shrinkage = shrinkage
        self.userWeight = userWeight
    }

    func validate() throws {
        guard (1...GramStatistic.itemLimit).contains(neighbours) else {
            throw ModelError("the number of neighbours is \(neighbours); choose a value from 1 to \(GramStatistic.itemLimit)")
        }
        guard shrinkage >= 0, shrinkage.isFinite else {
            throw ModelError("the shrinkage is \(shrinkage); choose a finite value of at least 0")
        }
    }
}
