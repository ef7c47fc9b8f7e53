import Interactions
import RankingEvaluation
import Testing

@Suite("Evaluating a scorer")
struct EvaluatorTests {
    /// Scores item j by how far it lies from the last item; the last item itself is best.
    static let nearest = ClosureScorer(itemCount: 200) { histories in
        histories.flatMap { history in (0..<200).map { -Float(abs($0 - Int(history.last ?? 0))) } }
    }
    static let cases: [EvaluationCase] = (0..<97).map { (user: Int32) in
        let target: Int32 = user * 31 % 200
        return EvaluationCase(history: [user, user + 50, user + 100], target: target)
    }

    @Test("the figures do not depend on batches and workers", arguments: [CandidateRule.full, .sampled(20)], [SeenRule.removed, .kept])
    func independent(candidates: CandidateRule, seen: SeenRule) async throws {
        let facts = ListMetrics.ItemFacts(trainingCounts: (0..<200).map { $0 % 7 })
        func evaluate(_ batch: Int, _ workers: Int) async throws -> RankingReport {
            try await RankingEvaluator(cutoffs: [5, 10], candidates: candidates, seen: seen, seed: 3, batchSize: batch, workers: workers, facts: facts)
                .evaluate(Self.nearest, cases: Self.cases)
        }
        let reference = try await evaluate(1, 1)
        #expect(reference.ranks.count == 97)
        for (batch, workers) in [(7, 1), (7, 3), (100, 8)] {
            let other = try await evaluate(batch, workers)
            #expect(other.ranks == reference.ranks && other.metrics == reference.metrics)
            #expect(other.lists?.exposureGini == reference.lists?.exposureGini && other.lists?.coverage == reference.lists?.coverage)
        }
    }

    @Test("items of the history are candidates only when kept; the target always is")
    func seen() async throws {
        let one = [EvaluationCase(history: [5, 9, 10], target: 12), EvaluationCase(history: [5, 9, 10], target: 10)]
        let removed = try await RankingEvaluator(seen: .removed).evaluate(Self.nearest, cases: one)
        let kept = try await RankingEvaluator(seen: .kept).evaluate(Self.nearest, cases: one)
        // Nearer than 12: 11 alone once 9 and 10 are gone; as near: 8.
        #expect(removed.ranks == [[2.5], [1]])
        #expect(kept.ranks == [[4.5], [1]])
    }

    @Test("sampled candidates are as many as asked, never met items, and follow the seed")
    func sampled() async throws {
        let worst = ClosureScorer(itemCount: 30) { histories in histories.flatMap { _ in (0..<30).map { $0 == 29 ? Float(-1) : $0 < 10 ? 1 : 0 } } }
        let cases = (0..<50).map { _ in EvaluationCase(history: (0..<10).map(Int32.init)[...], target: 29) }
        func ranks(_ count: Int, _ seed: UInt64) async throws -> [[Double]] {
            try await RankingEvaluator(candidates: .sampled(count), seed: seed).evaluate(worst, cases: cases).ranks
        }
        #expect(try await ranks(7, 1).allSatisfy { $0 == [8] })
        // Only 19 items were never met.
        #expect(try await ranks(100, 1).allSatisfy { $0 == [20] })
        let half = ClosureScorer(itemCount: 30) { histories in histories.flatMap { _ in (0..<30).map { Float($0 % 2) } } }
        func spread(_ seed: UInt64) async throws -> [[Double]] {
            try await RankingEvaluator(candidates: .sampled(5), seed: seed).evaluate(half, cases: cases).ranks
        }
        #expect(try await spread(1) == spread(1))
        #expect(try await spread(1) != spread(2))
    }

    @Test("the protocol says what a figure was measured by")
    func protocolText() {
        let full = EvaluationProtocol(dataDigest: "0123456789abcdef", filter: "all", split: "leave-one-out", seed: 4)
        #expect(full.summary == "data 0123456789ab · all · leave-one-out · candidates full · seen removed · ties mid-rank")
        let sampled = EvaluationProtocol(dataDigest: "0", filter: "all", split: "leave-one-out", candidates: .sampled(100), seen: .kept, seed: 4)
        #expect(sampled.summary.contains("candidates sampled:100 · seen kept · ties mid-rank · seed 4"))
        #expect(CandidateRule("sampled:0") == nil && CandidateRule("sampled:") == nil && CandidateRule("all") == nil && CandidateRule("sampled:5") == .sampled(5))
    }

    @Test("Markov puts followers first, equal counts by popularity, the rest behind by popularity")
    func markov() {
        // After 0: 1 twice, 2 and 3 once; item 3 is more popular than 2; item 4 is popular but never follows 0.
        let users = UserSequences([[0, 1], [0, 1, 4, 4, 4, 4, 4], [0, 2], [0, 3], [3, 3, 3]])
        let markov = MarkovBaseline(items: users.items, offsets: users.offsets, itemCount: 6)
        let scores = markov.scores(histories: [[4, 0], []])
        let order = scores[..<6].indices.sorted { scores[$0] > scores[$1] }
        #expect(order == [1, 3, 2, 4, 0, 5] && Set(scores[..<6]).count == 6)
        #expect(Array(scores[6...]) == PopularityBaseline(items: users.items, itemCount: 6).scores(histories: [[]]))
    }
}
