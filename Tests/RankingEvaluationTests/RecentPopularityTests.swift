import RankingEvaluation
import Testing

@Suite("Recent popularity and given weights")
struct RecentPopularityTests {
    private static let day: Int64 = 86_400_000
    /// Item 0 was popular long ago, item 1 lately, item 2 now and then; item 3 never.
    private static let events: [(Int32, Int64)] = [(0, 0), (0, 1), (0, 2), (0, 3), (2, 4), (1, 20), (1, 21), (2, 21), (2, 60)]
    private static let baseline = RecentPopularityBaseline(
        items: events.map(\.0), times: events.map { $0.1 * day }, itemCount: 4, days: 7)

    private func order(at day: Int64?) -> [Int] {
        let scores = Self.baseline.scores(cases: [EvaluationCase(history: [], target: 0, moment: day.map { $0 * Self.day })])
        return scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
    }

    @Test("what happened in the days before a case comes first, the rest by popularity over all")
    func windows() {
        #expect(order(at: 4) == [0, 2, 1, 3])
        #expect(order(at: 22) == [1, 2, 0, 3])
        #expect(order(at: 40) == [0, 2, 1, 3])
    }

    @Test("an event at the case's own moment or later has no part in the period")
    func noFuture() {
        #expect(order(at: 20) == [0, 2, 1, 3])
        #expect(order(at: 60) == [0, 2, 1, 3])
        #expect(order(at: 61) == [2, 0, 1, 3])
    }

    @Test("without a moment the period ends with the training part")
    func unknownMoment() { #expect(order(at: nil) == [2, 0, 1, 3]) }

    @Test("given weights order as counts do, and what is not in a row comes behind by popularity")
    func weights() {
        let counted = MarkovBaseline(items: [0, 1, 0, 1, 0, 2, 3, 3], offsets: [0, 8], itemCount: 4)
        let rows: [[(item: Int32, weight: Double)]] = [[(1, 2), (2, 1)], [(0, 2)], [(3, 1)], [(3, 1)]]
        let given = MarkovBaseline(rows: rows, popularity: [3, 2, 1, 2])
        for item in 0..<Int32(4) { #expect(counted.scores(histories: [[item]]) == given.scores(histories: [[item]])) }
        #expect(FixedRanking(weights: [0.5, -1, 0.5]).scores(histories: [[], []]) == [1, 0, 1, 1, 0, 1])
    }
}
