internal import DifferentialPrivacy
internal import Interactions
internal import LocalTraining
internal import RecommenderModels
internal import SeededRandom

/// Users who train alone from the global model, are clipped and added up: what a node of a private federation does, without noise.
struct PrivateContender: Contender {
    /// What counts as one contribution.
    enum Contribution {
        /// One gradient of a user's last window, in batches of so many.
        case window(batch: Int)
        /// Steps over all of a user's windows, one after the other; the batch is everybody.
        case user
    }

    private let trainer: LocalTrainer
    private let users: UserSequences
    private let cohorts: [Range<Int>]
    /// Windows in a repetition.
    private let windowCount: Int
    private let clip: Double
    private let stream: RandomStream
    private var parameters: [Float]
    private var pass = 0
    private var loss = 0.0

    /// Every private step is scaled by this, as in the peers.
    private static let learningRate: Float = 0.5
    /// The grid is fine enough to cost no accuracy that floats have.
    private static let scale = 0x1p16

    /// - Parameter limit: users in a repetition: enough to measure, few enough for a slow peer.
    init(_ model: ModelConfiguration, _ contribution: Contribution, workload: InteractionWorkload, limit: Int, threads: Int, seed: UInt64) throws {
        let length = 50
        let train = workload.split.train
        let eligible = (0..<train.userCount).filter { train[$0].count >= 2 }.prefix(limit)
        switch contribution {
        case .window(let batch):
            users = UserSequences(eligible.map { Array(train[$0].suffix(length + 1)) })
            cohorts = stride(from: 0, to: users.userCount, by: batch).map { $0..<min($0 + batch, eligible.count) }
            windowCount = eligible.count
            // The clipped gradient of the peer, times the learning rate.
            clip = Double(Self.learningRate)
        case .user:
            users = train.selecting(eligible)
            cohorts = [0..<users.userCount]
            windowCount = eligible.reduce(0) { $0 + (train[$1].count - 1 + length - 1) / length }
            clip = 1
        }
        trainer = try LocalTrainer(
            model: model,
            training: TrainingConfiguration(
                unit: .perUser, optimizer: .sgd(learningRate: Self.learningRate, momentum: 0), batchSize: 1, maximumLength: length,
                maximumWindows: 1000),
            itemCount: workload.itemCount, workers: threads)
        stream = RandomStream(seed: seed, "benchmark")
        parameters = trainer.model.initialParameters(stream.child("initial"))
    }

    mutating func repetition() async throws -> Repetition {
        let quantizer = try UserQuantizer(bound: .clip(clip), scale: Self.scale, dimension: parameters.count)
        var (lossSum, targets) = (0.0, 0)
        for (number, cohort) in cohorts.enumerated() {
            let sum = try await trainer.trainUsers(
                from: parameters, users: users, selected: Array(cohort), stream: stream.child(pass).child(number), quantizer: quantizer)
            let factor = Float(1 / (Self.scale * Double(cohort.count)))
            for index in parameters.indices where sum.sum[index] != 0 { parameters[index] += Float(sum.sum[index]) * factor }
            lossSum += sum.lossSum
            targets += sum.targetCount
        }
        pass += 1
        loss = lossSum / Double(max(1, targets))
        return Repetition(units: Double(windowCount), loss: loss)
    }

    mutating func finish() async throws -> [String: Double] { ["loss": loss] }
}
