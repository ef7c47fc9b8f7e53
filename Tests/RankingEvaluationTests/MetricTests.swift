import RankingEvaluation
import Testing

@Suite("Ranking metrics")
struct MetricTests {
    @Test(
        "a rank counts better items and half of the tied ones",
        arguments: [
            ([5, 4, 3, 2, 1], 0, [], 1.0), ([5, 4, 3, 2, 1], 4, [], 5), ([1, 1, 1, 1, 1], 2, [], 3), ([5, 3, 3, 3, 1], 1, [], 3), ([5, 3, 3, 3, 1], 1, [0], 2),
            ([5, 3, 3, 3, 1], 1, [0, 2], 1.5), ([5, 3, 3, 3, 1], 1, [1, 4], 3), ([2, .nan, 1], 0, [], 1), ([2, .nan, 1], 1, [], 3), ([.nan, .nan, .nan], 1, [0], 1.5),
            ([.infinity, 1, -.infinity], 2, [], 3),
        ] as [([Float], Int, [Int32], Double)])
    func ranks(scores: [Float], target: Int, excluded: [Int32], rank: Double) {
        scores.withUnsafeBufferPointer { #expect(MidRank.rank(scores: $0, target: target, excluded: excluded) == rank) }
        let others = scores.indices.map(Int32.init).filter { Int($0) != target && !excluded.contains($0) }
        scores.withUnsafeBufferPointer { #expect(MidRank.rank(scores: $0, target: target, among: others) == rank) }
    }

    @Test("one relevant item: hit exactly if the rank is below k + 1")
    func single() {
        var metrics = RankingMetrics(cutoffs: [2, 10])
        metrics.add(ranks: [1])
        metrics.add(ranks: [2.5])
        metrics.add(ranks: [3])
        metrics.add(ranks: [11])
        let two = metrics.values(at: 2)
        #expect(two.hitRate == 0.5 && two.recall == 0.5 && two.precision == 0.25)
        #expect(abs(two.ndcg - (1 + 0.553295) / 4) < 1e-6)
        #expect(abs(two.reciprocalRank - (1 + 0.4) / 4) < 1e-12 && two.averagePrecision == two.reciprocalRank)
        let ten = metrics.values(at: 10)
        #expect(ten.hitRate == 0.75)
        #expect(abs(ten.ndcg - (1 + 0.553295 + 0.5) / 4) < 1e-6)
        #expect(metrics.userCount == 4)
    }

    @Test("three relevant items at ranks 1, 3 and 6, by hand")
    func several() {
        var metrics = RankingMetrics(cutoffs: [5])
        metrics.add(ranks: [6, 1, 3])
        let values = metrics.values(at: 5)
        #expect(values.hitRate == 1 && values.precision == 0.4 && abs(values.recall - 2.0 / 3) < 1e-12)
        // DCG 1 + 1/log₂ 4 = 1.5; ideal 1 + 1/log₂ 3 + 1/2 = 2.130930.
        #expect(abs(values.ndcg - 1.5 / 2.130930) < 1e-6)
        #expect(abs(values.averagePrecision - (1 + 2.0 / 3) / 3) < 1e-12)
        #expect(values.reciprocalRank == 1)
    }

    @Test("users without relevant items do not count, and no users give zeros")
    func empty() {
        var metrics = RankingMetrics()
        metrics.add(ranks: [])
        #expect(metrics.userCount == 0 && metrics.values(at: 10).hitRate == 0)
    }

    @Test("rating errors by hand")
    func ratings() {
        var errors = RatingErrors()
        errors.add(predicted: 3, actual: 4)
        errors.add(predicted: 5, actual: 2)
        #expect(errors.meanAbsolute == 2 && abs(errors.rootMeanSquare - 5.0.squareRoot()) < 1e-12)
        #expect(RatingErrors().rootMeanSquare == 0)
    }

    @Test("Gini by hand", arguments: [([1, 1, 1, 1], 0), ([0, 0, 0, 8], 0.75), ([1, 2, 3, 4], 0.25), ([], 0), ([0, 0], 0)] as [([Int], Double)])
    func gini(counts: [Int], expected: Double) { #expect(abs(Concentration.gini(counts) - expected) < 1e-12) }

    @Test("coverage, novelty, diversity and exposure of lists, by hand")
    func lists() {
        // Shares of events with one added to each: 4/8, 2/8, 1/8, 1/8.
        var lists = ListMetrics(facts: .init(trainingCounts: [3, 1, 0, 0], categories: [[1], [1, 2], [3], []]))
        lists.add([0, 1])
        lists.add([0, 2])
        #expect(lists.coverage == 0.75)
        #expect(lists.meanNovelty == 1.75)
        #expect(lists.intraListDiversity == (0.5 + 1) / 2)
        #expect(abs(lists.exposureGini - 0.375) < 1e-12)
    }

    @Test("the best items, equal scores by number, without excluded ones and those that are not numbers")
    func top() {
        let scores: [Float] = [1, .nan, 3, 3, 2, -.infinity, 3]
        scores.withUnsafeBufferPointer {
            #expect(TopItems.best(3, of: $0, excluded: []) == [2, 3, 6])
            #expect(TopItems.best(3, of: $0, excluded: [3]) == [2, 6, 4])
            #expect(TopItems.best(10, of: $0, excluded: [0]) == [2, 3, 6, 4, 5])
            #expect(TopItems.best(0, of: $0, excluded: []).isEmpty)
        }
    }
}
