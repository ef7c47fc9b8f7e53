public import Federation
public import Interactions
internal import Logging
internal import RankingEvaluation
internal import RecommenderModels

extension NodeRunner {
    /// The model's report on the held-out events of this node: the stored one when there is one for the same events, else
    /// computed and stored. It stays at the node unless the plan's privacy is `off`.
    func evaluation(of model: ModelReference, parameters: [Float]) async throws -> LocalReport? {
        guard var standing else { return nil }
        let data = try await trainingData(for: &standing)
        self.standing = standing
        if let known = self.standing?.reports[model], known.version == data.version { return known.report }
        let evaluation = HeldOutEvaluation(data: data, plan: standing.digest, workers: options.workers)
        if standing.baselinesVersion != data.version {
            for report in try await evaluation.baselines(itemCount: standing.catalog.count, at: clock.now) {
                try await storage.saveReport(report)
                observe(.evaluated(report))
            }
            self.standing?.baselinesVersion = data.version
        }
        let scorer = ModelScorer(recommender: standing.recommender.prepared(parameters))
        let report = try await evaluation.report(of: scorer, as: .model(model), at: clock.now)
        try await storage.saveReport(report)
        self.standing?.reports[model] = (data.version, report)
        logger.info(
            "evaluated model",
            metadata: ["round": "\(model.round)", "users": "\(report.users)", "hr@10": "\(report.hitRate)", "ndcg@10": "\(report.ndcg)"])
        observe(.evaluated(report))
        return report
    }
}

/// Ranks each user's last event after everything before it. Protocol as in ``LocalReport``.
public struct HeldOutEvaluation: Sendable {
    private let split: LeaveOneOut
    private let plan: Digest
    private let workers: Int

    init(data: TrainingData, plan: Digest, workers: Int) {
        split = data.split
        self.plan = plan
        self.workers = workers
    }

    /// For a command that evaluates outside a round.
    public init(_ sequences: UserSequences, plan: Digest, workers: Int) {
        split = LeaveOneOut(sequences)
        self.plan = plan
        self.workers = workers
    }

    /// Popularity and first-order Markov, counted on this node's training events only.
    public func baselines(itemCount: Int, at time: WallTime) async throws -> [LocalReport] {
        let train = split.train
        return [
            try await report(of: PopularityBaseline(items: train.items, itemCount: itemCount), as: .popularity, at: time),
            try await report(of: MarkovBaseline(items: train.items, offsets: train.offsets, itemCount: itemCount), as: .markov, at: time),
        ]
    }

    public func report(of engine: RecommendationEngine, at time: WallTime) async throws -> LocalReport {
        try await report(of: engine.scorer, as: .model(engine.model), at: time)
    }

    func report(of scorer: some SequenceScorer, as name: LocalReport.Scorer, at time: WallTime) async throws -> LocalReport {
        let cases = split.evaluatedUsers.map { EvaluationCase(history: split.testHistory(of: $0), target: split.test[$0]) }
        let result = try await RankingEvaluator(cutoffs: [10, scorer.itemCount], workers: workers).evaluate(scorer, cases: cases)
        let users = Double(result.metrics.userCount)
        let top = result.metrics.values(at: 10)
        return LocalReport(
            plan: plan, scorer: name, users: result.metrics.userCount, hitsAt10: top.hitRate * users, ndcgAt10: top.ndcg * users,
            reciprocalRank: result.metrics.values(at: scorer.itemCount).reciprocalRank * users, time: time)
    }
}

/// A model with its parameters, as the evaluation asks for scores.
struct ModelScorer: SequenceScorer {
    let recommender: any PreparedRecommender
    var itemCount: Int { recommender.itemCount }
    func scores(histories: [ArraySlice<Int32>]) -> [Float] { recommender.scores(histories: histories) }
}
