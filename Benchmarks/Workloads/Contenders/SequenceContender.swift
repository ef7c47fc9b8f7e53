internal import Interactions
internal import LocalTraining
internal import RankingEvaluation
internal import RecommenderModels
internal import SeededRandom

/// A sequence model trained on each user's last window, an epoch a repetition.
struct SequenceContender: Contender {
    /// Windows of a step, as in the peers.
    static let batchSize = 128
    static let learningRate: Float = 0.001

    private let workload: InteractionWorkload
    private let windows: UserSequences
    private let trainer: LocalTrainer
    private let length: Int
    private let stream: RandomStream
    private var parameters: [Float]
    private var epoch = 0
    private var loss = 0.0

    init(_ model: ModelConfiguration, workload: InteractionWorkload, length: Int, threads: Int, seed: UInt64) throws {
        self.workload = workload
        self.length = length
        windows = workload.lastWindows(length: length)
        trainer = try LocalTrainer(
            model: model,
            training: TrainingConfiguration(
                unit: .silo, optimizer: .adam(learningRate: Self.learningRate), batchSize: Self.batchSize, maximumLength: length, maximumWindows: 1),
            itemCount: workload.itemCount, workers: threads)
        stream = RandomStream(seed: seed, "benchmark")
        parameters = trainer.model.initialParameters(stream.child("parameters"))
    }

    mutating func repetition() async throws -> Repetition {
        let update = try await trainer.trainSilo(from: parameters, users: windows, stream: stream.child(epoch))
        for index in parameters.indices { parameters[index] += update.delta[index] }
        epoch += 1
        loss = update.lossSum / Double(update.targetCount)
        return Repetition(units: Double(update.targetCount), loss: loss)
    }

    mutating func finish() async throws -> [String: Double] {
        let (model, parameters, length) = (trainer.model, parameters, length)
        let scorer = ClosureScorer(itemCount: workload.itemCount) { model.scores(parameters, histories: $0.map { $0.suffix(length) }) }
        return ["loss": loss, "ndcg@10": try await workload.ndcg(scorer, workers: trainer.workers)]
    }
}
