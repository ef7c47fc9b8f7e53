internal import RecommenderModels

extension BenchmarkTask {
    /// Our side of the task.
    /// - Parameter path: the task's workload file.
    /// - Throws: `WorkloadError` for a file that does not fit, or what setting up throws.
    public func contender(workload path: String, threads: Int, seed: UInt64) throws -> any Contender {
        switch self {
        case .gru4recCE: try sequence(.gru4rec(gru4rec(.crossEntropy)), path, threads, seed)
        case .gru4recSampled: try sequence(.gru4rec(gru4rec(.sampledSoftmax(negatives: 512, logQ: false))), path, threads, seed)
        default: throw WorkloadError("\(rawValue) is not measured by this version")
        }
    }

    private func sequence(_ model: ModelConfiguration, _ path: String, _ threads: Int, _ seed: UInt64) throws -> any Contender {
        try SequenceContender(model, workload: InteractionWorkload(file: path), length: length, threads: threads, seed: seed)
    }

    private func gru4rec(_ loss: SequenceLoss) -> GRU4RecConfiguration {
        GRU4RecConfiguration(embeddingDimension: 100, hiddenDimension: 100, loss: loss)
    }
}
