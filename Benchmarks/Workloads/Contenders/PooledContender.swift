internal import Interactions
internal import LocalTraining
internal import RankingEvaluation
internal import RecommenderModels
internal import SeededRandom

/// A model trained on all users of one place, an epoch a repetition.
struct PooledContender: Contender {
    private let workload: InteractionWorkload
    private let model: any Recommender
    /// The most recent events that are scored after.
    private let historyLimit: Int
    private let threads: Int
    private let stream: RandomStream
    private var algorithm: any PooledAlgorithm
    private var epoch = 0
    private var loss: Double?

    /// - Parameter users: what is trained on.
    init(
        _ configuration: ModelConfiguration, workload: InteractionWorkload, users: UserSequences, settings: PooledSettings, historyLimit: Int,
        threads: Int, seed: UInt64
    ) throws {
        self.workload = workload
        self.historyLimit = historyLimit
        self.threads = threads
        stream = RandomStream(seed: seed, "benchmark")
        model = try configuration.recommender(itemCount: workload.itemCount)
        algorithm = try configuration.pooledAlgorithm(
            users: users, itemCount: workload.itemCount, settings: settings, workers: threads, stream: stream)
    }

    mutating func repetition() async throws -> Repetition {
        let sum = try await algorithm.runEpoch(epoch, stream: stream)
        epoch += 1
        loss = sum.targets > 0 ? sum.loss / Double(sum.targets) : nil
        return Repetition(units: Double(sum.targets), loss: loss)
    }

    mutating func finish() async throws -> [String: Double] {
        let (prepared, limit) = (model.prepared(algorithm.parameters), historyLimit)
        let scorer = ClosureScorer(itemCount: workload.itemCount) { prepared.scores(histories: $0.map { $0.suffix(limit) }) }
        var results = ["ndcg@10": try await workload.ndcg(scorer, workers: threads)]
        results["loss"] = loss
        return results
    }
}
