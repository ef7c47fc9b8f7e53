import DifferentialPrivacy
import Interactions
import LocalTraining
import RankingEvaluation
import SeededNoise
import SeededRandom
import Testing

@Suite("Private counts")
struct PrivateCountsTests {
    private static func order(_ scores: [Float]) -> [Int] { scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) } }

    /// Many users of few, clear habits: item i is followed by i + 1, and low items are met more often.
    private static let users: UserSequences = {
        var numbers = RandomStream(seed: 3, "habits")
        return UserSequences((0..<4000).map { _ in
            let start = min(numbers.below(6), numbers.below(6))
            return (0..<3).map { Int32((start + $0) % 6) }
        })
    }()

    @Test("with much ε the release orders like the counts themselves")
    func generous() throws {
        let counts = try PrivateCounts(itemCount: 6, epsilon: 50, delta: 1e-5, source: SeededNoiseSource(seed: 1))
        let exact = MarkovBaseline(items: Self.users.items, offsets: Self.users.offsets, itemCount: 6)
        let popularity = PopularityBaseline(items: Self.users.items, itemCount: 6)
        for item in 0..<Int32(6) {
            let best = Self.order(try counts.markov(of: Self.users).scores(histories: [[item]]))[0]
            #expect(best == Self.order(exact.scores(histories: [[item]]))[0])
        }
        #expect(Self.order(try counts.popularity(of: Self.users).scores(histories: [[]])) == Self.order(popularity.scores(histories: [[]])))
    }

    @Test("with hardly any ε hardly a transition survives, and the noise is what the seed says")
    func strict() throws {
        let strict = try PrivateCounts(itemCount: 6, epsilon: 1e-3, delta: 1e-5, source: SeededNoiseSource(seed: 1))
        let again = try PrivateCounts(itemCount: 6, epsilon: 1e-3, delta: 1e-5, source: SeededNoiseSource(seed: 1))
        let histories = (0..<Int32(6)).map { [$0][...] }
        #expect(try strict.markov(of: Self.users).scores(histories: histories) == again.markov(of: Self.users).scores(histories: histories))
        #expect(strict.noiseMultiplier > 1000)
        let row = try strict.markov(of: Self.users).scores(histories: [[]])
        let same = try (0..<Int32(6)).count { try strict.markov(of: Self.users).scores(histories: [[$0]]) == row }
        #expect(same >= 5)
    }

    @Test("a user's counts have at most the norm that the noise is made for", arguments: [1, 2, 7, 100, 3000])
    func sensitivity(_ distinct: Int) {
        let counts = Dictionary(uniqueKeysWithValues: (0..<distinct).map { ($0, 1 + $0 % 5) })
        for share in [1, 0.95, 0.05] {
            let squares = PrivateCounts.scaled(counts, share: share).values.reduce(Int64(0)) { $0 + $1 * $1 }
            #expect(Double(squares) <= share * 65_536 * 65_536)
            #expect(Double(squares) > 0.9 * share * 65_536 * 65_536 || distinct > 1000)
        }
    }
}
