internal import Interactions
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
    public func contender(_ options: ContenderOptions) async throws -> any Contender {
        switch self {
        case .sasrecCE50, .sasrecCE200: try sequence(.sasRec(sasrec(.crossEntropy, dropout: options.dropout)), options)
        case .sasrecBCE50: try sequence(.sasRec(sasrec(Self.oneNegative, dropout: options.dropout)), options)
        case .gru4recCE: try sequence(.gru4rec(gru4rec(.crossEntropy)), options)
        case .gru4recSampled: try sequence(.gru4rec(gru4rec(.sampledSoftmax(negatives: 512, logQ: false))), options)
        case .privateWindow: try users(.window(batch: 128), limit: 2048, options)
        case .privateUser: try users(.user, limit: 600, options)
        case .searchFlat: await search(try VectorWorkload(file: options.workload), options) { ExactIndex($0, workers: options.threads) }
        case .searchHNSW: try await search(try VectorWorkload(file: options.workload), options) { try await HNSWIndex($0, workers: options.threads) }
        case .ials: try factors(.ials(IALSConfiguration()), rate: 0.05, options)
        case .bpr: try factors(.bprMF(BPRMFConfiguration(negativeExponent: 1)), rate: 0.05, options)
        case .sgns: try factors(.item2Vec(Item2VecConfiguration(negativeExponent: 0.75)), rate: 0.025, options)
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

    /// All training events, with the peers' settings of `Peers/implicit_als.py`, `implicit_bpr.py` and `gensim_sgns.py`.
    private func factors(_ model: ModelConfiguration, rate: Float, _ options: ContenderOptions) throws -> any Contender {
        let workload = try InteractionWorkload(file: options.workload)
        let training = TrainingConfiguration(
            unit: .silo, optimizer: .sgd(learningRate: rate, momentum: 0), epochs: 1000, batchSize: 10_000)
        return try PooledContender(
            model, workload: workload, users: workload.split.train, settings: PooledSettings(training: training), historyLimit: .max,
            threads: options.threads, seed: options.seed)
    }

    /// SASRec without dropout on so many users.
    private func users(_ contribution: PrivateContender.Contribution, limit: Int, _ options: ContenderOptions) throws -> any Contender {
        try PrivateContender(
            .sasRec(sasrec(Self.oneNegative, dropout: 0)), contribution, workload: InteractionWorkload(file: options.workload), limit: limit,
            threads: options.threads, seed: options.seed)
    }

    private func search<Index: ItemIndex>(
        _ workload: VectorWorkload, _ options: ContenderOptions, _ index: (ItemVectors) async throws -> Index
    ) async rethrows -> any Contender {
        let index = try await index(ItemVectors(width: workload.width, vectors: workload.items))
        return await SearchContender(index, workload: workload, workers: options.threads)
    }

    private static let oneNegative = SequenceLoss.binaryCrossEntropy(negatives: 1, shared: false)

    /// Attention itself is not dropped: PyTorch's fused attention could not be used otherwise.
    private func sasrec(_ loss: SequenceLoss, dropout: Float) -> SASRecConfiguration {
        SASRecConfiguration(
            maximumLength: length, positions: .oldestFirst, embeddingDropout: dropout, attentionDropout: 0, hiddenDropout: dropout, loss: loss)
    }

    private func gru4rec(_ loss: SequenceLoss) -> GRU4RecConfiguration {
        GRU4RecConfiguration(embeddingDimension: 100, hiddenDimension: 100, loss: loss)
    }
}
