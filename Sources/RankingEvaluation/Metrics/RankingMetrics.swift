internal import Glibc

/// Means over users of the quality of their rankings, at several cut-offs k.
///
/// A user has R relevant items at ranks r (see ``MidRank``; ranks may be half-integers). An item is a hit at k exactly if
/// r < k + 1. With one relevant item, as under leave-one-out, recall equals the hit rate and average precision the
/// reciprocal rank.
public struct RankingMetrics: Sendable, Hashable {
    /// The means at one cut-off, each in [0, 1].
    public struct Values: Sendable, Hashable, Codable {
        /// Share of users with at least one hit.
        public var hitRate = 0.0
        /// Hits over R.
        public var recall = 0.0
        /// Hits over k.
        public var precision = 0.0
        /// Σ over hits of 1/log₂(1 + r), over the same sum for ranks 1 … min(k, R) (Järvelin and Kekäläinen 2002, binary gains).
        public var ndcg = 0.0
        /// 1/r of the best hit, 0 without one.
        public var reciprocalRank = 0.0
        /// Σ over hits, best first, of (hits up to this one)/r, over min(k, R).
        public var averagePrecision = 0.0
    }

    /// The values of k, ascending.
    public let cutoffs: [Int]
    public private(set) var userCount = 0
    private var sums: [Values]

    /// - Parameter cutoffs: values of k, each at least 1.
    public init(cutoffs: [Int] = [10]) {
        precondition(!cutoffs.isEmpty && cutoffs.allSatisfy { $0 >= 1 }, "cut-offs must be at least 1")
        self.cutoffs = Set(cutoffs).sorted()
        sums = Array(repeating: Values(), count: self.cutoffs.count)
    }

    /// Adds a user with one relevant item, scored among all items but the excluded ones.
    public mutating func add(scores: UnsafeBufferPointer<Float>, target: Int, excluded: some Sequence<Int32>) {
        add(ranks: CollectionOfOne(MidRank.rank(scores: scores, target: target, excluded: excluded)))
    }

    /// Adds a user by the ranks of the relevant items; users without any do not count.
    public mutating func add(ranks: some Collection<Double>) {
        guard !ranks.isEmpty else { return }
        let ascending = ranks.count > 1 ? ranks.sorted() : Array(ranks)
        userCount += 1
        for (index, k) in cutoffs.enumerated() {
            var hits = 0.0
            var gain = 0.0
            var precisions = 0.0
            for rank in ascending where rank < Double(k) + 1 {
                hits += 1
                gain += Self.gain(rank)
                precisions += hits / rank
            }
            guard hits > 0 else { continue }
            let relevant = min(k, ascending.count)
            let ideal = (1...relevant).reduce(0) { $0 + Self.gain(Double($1)) }
            sums[index].hitRate += 1
            sums[index].recall += hits / Double(ascending.count)
            sums[index].precision += hits / Double(k)
            // Two items tied in the middle of the list can share a rank; the sum is still at most the ideal one but for rounding.
            sums[index].ndcg += min(gain / ideal, 1)
            sums[index].reciprocalRank += 1 / ascending[0]
            sums[index].averagePrecision += min(precisions / Double(relevant), 1)
        }
    }

    /// The means at a cut-off; all 0 before any user was added.
    /// - Parameter cutoff: one of ``cutoffs``.
    public func values(at cutoff: Int) -> Values {
        guard let index = cutoffs.firstIndex(of: cutoff) else { preconditionFailure("cut-off \(cutoff) was not asked for; it is not one of \(cutoffs)") }
        guard userCount > 0 else { return Values() }
        let users = Double(userCount)
        let sum = sums[index]
        return Values(
            hitRate: sum.hitRate / users, recall: sum.recall / users, precision: sum.precision / users, ndcg: sum.ndcg / users,
            reciprocalRank: sum.reciprocalRank / users, averagePrecision: sum.averagePrecision / users)
    }

    /// 1/log₂(1 + r).
    static func gain(_ rank: Double) -> Double { 1 / log2(1 + rank) }
}
