public import DifferentialPrivacy
public import Interactions
public import RankingEvaluation

/// Counts released once under central differential privacy, and the floors they make: what a trained private model must beat.
///
/// Mechanism: discrete Gaussian noise on the sum of the users' counts. A user's counts are scaled to L2 norm 1 in all, so the sum has
/// L2 sensitivity 1 under add/remove of one user with all of the user's events; everything after the noise is post-processing. The
/// set of items is public.
public struct PrivateCounts: Sendable {
    /// σ in units of the sensitivity.
    public let noiseMultiplier: Double
    private let itemCount: Int
    private let gaussian: DiscreteGaussian
    private let source: any NoiseSource

    /// Counts are multiplied with this and cut to integers before they are summed.
    private static let scale = 65_536.0
    /// The part of a user's squared norm that goes to popularity where transitions are released with it: popularity is much easier
    /// to see through the noise.
    private static let popularityShare = 0.05
    /// Cells below this many σ are dropped.
    private static let threshold = 3.0

    /// - Parameters:
    ///   - itemCount: V.
    ///   - epsilon: > 0, what one release costs at δ.
    ///   - delta: in (0, 1).
    ///   - source: the system's entropy, unless this is a simulation.
    /// - Throws: `PrivacyError`.
    public init(itemCount: Int, epsilon: Double, delta: Double, source: any NoiseSource) throws {
        self.itemCount = itemCount
        self.source = source
        noiseMultiplier = try PrivacyAccountant.noiseMultiplier(epsilon: epsilon, delta: delta, rounds: 1)
        gaussian = try DiscreteGaussian(standardDeviation: Int((noiseMultiplier * Self.scale).rounded(.up)))
    }

    /// Noisy popularity, with the whole budget.
    public func popularity(of users: UserSequences) throws -> FixedRanking {
        FixedRanking(weights: try released(popularitySum(users, share: 1), as: "popularity").map(Double.init))
    }

    /// Noisy transitions, those below 3 σ dropped, with noisy popularity behind, in one release.
    public func markov(of users: UserSequences) throws -> MarkovBaseline {
        let popularity = try released(popularitySum(users, share: Self.popularityShare), as: "popularity")
        let sums = transitionSums(users, share: 1 - Self.popularityShare)
        let least = Int64((Self.threshold * Double(gaussian.standardDeviation)).rounded(.up))
        var stream = try source.stream(for: NoisePurpose("private counts", "transitions"))
        var rows: [[(item: Int32, weight: Double)]] = []
        // Row by row: the matrix has V² cells, and few of them stay.
        for item in 0..<itemCount {
            var row = try gaussian.draw(itemCount, from: &stream)
            for (next, sum) in sums[item] { row[Int(next)] += sum }
            rows.append(row.indices.compactMap { row[$0] >= least ? (Int32($0), Double(row[$0])) : nil })
        }
        return MarkovBaseline(rows: rows, popularity: popularity.map(Double.init))
    }

    private func released(_ sum: [Int64], as name: String) throws -> [Int64] {
        var sum = sum
        var stream = try source.stream(for: NoisePurpose("private counts", name))
        try gaussian.add(to: &sum, from: &stream)
        return sum
    }

    private func popularitySum(_ users: UserSequences, share: Double) -> [Int64] {
        var sum = Array(repeating: Int64(0), count: itemCount)
        for user in 0..<users.userCount {
            let counts = users[user].reduce(into: [Int32: Int]()) { $0[$1, default: 0] += 1 }
            for (item, value) in Self.scaled(counts, share: share) { sum[Int(item)] += value }
        }
        return sum
    }

    private func transitionSums(_ users: UserSequences, share: Double) -> [[Int32: Int64]] {
        var sums = Array(repeating: [Int32: Int64](), count: itemCount)
        for user in 0..<users.userCount {
            let events = users[user]
            let counts = zip(events, events.dropFirst()).reduce(into: [UInt64: Int]()) {
                $0[UInt64(UInt32(bitPattern: $1.0)) << 32 | UInt64(UInt32(bitPattern: $1.1)), default: 0] += 1
            }
            for (pair, value) in Self.scaled(counts, share: share) { sums[Int(pair >> 32)][Int32(truncatingIfNeeded: pair), default: 0] += value }
        }
        return sums
    }

    /// The counts at L2 norm √share of the scale, cut towards zero so that the integers' norm is at most that.
    package static func scaled<Key: Hashable>(_ counts: [Key: Int], share: Double) -> [Key: Int64] {
        let squares = counts.values.reduce(0.0) { $0 + Double($1) * Double($1) }
        guard squares > 0 else { return [:] }
        // The last factor outweighs what the division and the root round.
        let factor = scale * (share / squares).squareRoot() * (1 - 0x1p-40)
        return counts.mapValues { Int64(Double($0) * factor) }
    }
}
