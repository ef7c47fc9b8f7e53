import Interactions
import RankingEvaluation
import Testing

/// The demo's world resembles real data where it matters: the ranges are those of the six real files of the floors.
@Suite("Statistics of the synthetic world")
struct WorldStatisticsTests {
    /// Popularity Gini and NDCG@10 of Markov over popularity: ml-100k 0.6290 and 1.74, ml-1m 0.6034 and 7.0, toys 0.4359 and 9.8,
    /// sports 0.4897 and 4.5, games 0.6569 and 4.5, online retail 0.6484 and 9.3.
    static let giniRange = 0.4359...0.6569
    static let ratioRange = 1.74...9.7

    @Test("at its default size, Gini and the ratio of the baselines lie among those of real files; the truth beats both", arguments: [1, 2] as [UInt64])
    func realistic(seed: UInt64) async throws {
        let world = try SyntheticWorld(seed: seed)
        let table = world.interactions()
        #expect(table.users.count == 6000 && world.catalog.count == 2000)
        #expect(Self.giniRange.contains(Concentration.gini(table.eventsPerItem)))

        let split = LeaveOneOut(table.sequences(in: world.catalog).sequences)
        let cases = split.evaluatedUsers.map { EvaluationCase(history: split.testHistory(of: $0), target: split.test[$0]) }
        let evaluator = RankingEvaluator(workers: 2)
        let popularity = try await evaluator.evaluate(PopularityBaseline(items: split.train.items, itemCount: 2000), cases: cases).metrics.values(at: 10)
        let markov = try await evaluator.evaluate(
            MarkovBaseline(items: split.train.items, offsets: split.train.offsets, itemCount: 2000), cases: cases
        ).metrics.values(at: 10)
        #expect(Self.ratioRange.contains(markov.ndcg / popularity.ndcg), "popularity \(popularity.ndcg), Markov \(markov.ndcg)")

        // What depends on taste and on more than the last item: far more than a first-order chain can know.
        var truth = RankingMetrics()
        for last in world.lastEvents(ofUsers: 0..<1500) {
            last.truth.withUnsafeBufferPointer { truth.add(scores: $0, target: Int(last.target), excluded: Set(last.history)) }
        }
        #expect(truth.values(at: 10).ndcg > 1.5 * markov.ndcg, "truth \(truth.values(at: 10).ndcg), Markov \(markov.ndcg)")
    }

    @Test("the true probabilities add up to one")
    func truth() throws {
        let world = try SyntheticWorld(SyntheticWorldConfiguration(userCount: 40, itemCount: 300, meanEvents: 20), seed: 8)
        for last in world.lastEvents(ofUsers: 0..<40) { #expect(abs(last.truth.reduce(0, +) - 1) < 1e-4) }
    }
}
