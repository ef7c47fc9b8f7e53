internal import LocalTraining
internal import RecommenderModels

/// What our side of a task is given, as the peer's is.
public struct ContenderOptions: Sendable {
    /// Path of the task's workload file.
    public var workload: String
    public var threads: Int
    public var seed: UInt64
    /// Of tasks that have any.
    public var dropout: Float

    public init(workload: String, threads: Int, seed: UInt64, dropout: Float) {
        self.workload = workload
        self.threads = threads
        self.seed = seed
        self.dropout = dropout
    }
}

extension BenchmarkTask {
    /// Our side of the task.
    /// - Throws: `WorkloadError` for a file that does not fit, or what setting up throws.
    public func contender(_ options: ContenderOptions) throws -> any Contender {
        switch self {
        case .gru4recCE: try sequence(.gru4rec(gru4rec(.crossEntropy)), options)
        case .gru4recSampled: try sequence(.gru4rec(gru4rec(.sampledSoftmax(negatives: 512, logQ: false))), options)
        default: throw WorkloadError("\(rawValue) is not measured by this version")
        }
    }

    /// Each user's last window, in batches of 128, by Adam at 0.001.
    private func sequence(_ model: ModelConfiguration, _ options: ContenderOptions) throws -> any Contender {
        let workload = try InteractionWorkload(file: options.workload)
        let training = TrainingConfiguration(
            unit: .silo, optimizer: .adam(learningRate: 0.001), epochs: 1000, batchSize: 128, maximumLength: length, maximumWindows: 1)
        return try PooledContender(
            model, workload: workload, users: workload.lastWindows(length: length), settings: PooledSettings(training: training),
            historyLimit: length, threads: options.threads, seed: options.seed)
    }

    private func gru4rec(_ loss: SequenceLoss) -> GRU4RecConfiguration {
        GRU4RecConfiguration(embeddingDimension: 100, hiddenDimension: 100, loss: loss)
    }
}
