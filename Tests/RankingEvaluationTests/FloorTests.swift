import DataFiles
import Interactions
import RankingEvaluation
import TestSupport
import Testing

/// The published floors of real files, reproduced to their four digits from the raw bytes on.
@Suite("Floors of real data")
struct FloorTests {
    struct Floor: Sendable, CustomTestStringConvertible {
        var file: String
        var size: [Int]
        var popularity: [Double]
        var markov: [Double]
        var sampled: [Double]
        var seen = SeenRule.removed
        var testDescription: String { file }
        var isPresent: Bool { TestData.has(file) }
    }

    static let floors = [
        Floor(file: "ml-100k/u.data", size: [943, 1682, 100_000], popularity: [0.0859, 0.0442], markov: [0.1453, 0.0769], sampled: [0.4040, 0.2270]),
        Floor(file: "ml-1m/ml-1m.txt.gz", size: [6040, 3416, 999_611], popularity: [0.0369, 0.0180], markov: [0.2144, 0.1259], sampled: [0.4402, 0.2400]),
        Floor(file: "amazon-toys/Toys_and_Games.txt", size: [19_412, 11_924, 167_597], popularity: [0.0090, 0.0049], markov: [0.0709, 0.0479], sampled: [0.2434, 0.1299]),
        Floor(file: "amazon-sports/Sports_and_Outdoors.txt", size: [35_598, 18_357, 296_337], popularity: [0.0091, 0.0052], markov: [0.0371, 0.0235], sampled: [0.3048, 0.1667]),
        Floor(file: "amazon-games/Video.txt", size: [30_901, 23_698, 286_913], popularity: [0.0190, 0.0099], markov: [0.0738, 0.0445], sampled: [0.4798, 0.2786]),
        Floor(file: "online-retail/interactions.tsv.gz", size: [4212, 3866, 387_403], popularity: [0.0389, 0.0207], markov: [0.2809, 0.1922], sampled: [0.5050, 0.2975], seen: .kept),
    ]

    @Test("are reproduced: popularity, Markov, and popularity among 100 sampled items", arguments: floors)
    func reproduced(_ floor: Floor) async throws {
        guard floor.isPresent else { try Test.cancel("needs \(floor.file); see the README") }
        let table = try DataFile(path: TestData.path(floor.file)).interactions().table
        let kept = CleaningPipeline([.minimumEvents(perUser: 3, perItem: 1)]).apply(to: table).table
        #expect([kept.users.count, kept.items.count, kept.count] == floor.size)
        let split = LeaveOneOut(kept.sequences())
        let cases = split.evaluatedUsers.map { EvaluationCase(history: split.testHistory(of: $0), target: split.test[$0]) }
        let popularity = PopularityBaseline(items: split.train.items, itemCount: kept.items.count)
        let markov = MarkovBaseline(items: split.train.items, offsets: split.train.offsets, itemCount: kept.items.count)
        let evaluator = RankingEvaluator(seen: floor.seen, workers: 2)
        let sampler = RankingEvaluator(candidates: .sampled(100), seen: floor.seen, seed: 1, workers: 2)
        try await expect(evaluator.evaluate(popularity, cases: cases), floor.popularity, within: 0.00005)
        try await expect(evaluator.evaluate(markov, cases: cases), floor.markov, within: 0.00005)
        try await expect(sampler.evaluate(popularity, cases: cases), floor.sampled, within: 0.01)
    }

    private func expect(_ report: RankingReport, _ figures: [Double], within tolerance: Double) {
        let values = report.metrics.values(at: 10)
        #expect(abs(values.hitRate - figures[0]) <= tolerance, "HR@10 \(values.hitRate), expected \(figures[0])")
        #expect(abs(values.ndcg - figures[1]) <= tolerance, "NDCG@10 \(values.ndcg), expected \(figures[1])")
    }
}
