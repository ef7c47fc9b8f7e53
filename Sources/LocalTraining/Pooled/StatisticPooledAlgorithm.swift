internal import Interactions
public import RecommenderModels
public import SeededRandom

/// Pooled training of a model of summed statistics: a pass is one exact sweep, the mean over all users replaces the parameters.
public struct StatisticPooledAlgorithm: PooledAlgorithm {
    private let sum: StatisticSum
    private let users: [ArraySlice<Int32>]
    public private(set) var parameters: [Float]

    /// - Parameters:
    ///   - users: training events of each user; users without events are left out.
    ///   - parameters: where the first sweep starts: the model's initial parameters.
    ///   - workers: at least 1; no result depends on it.
    /// - Throws: `TrainingError` when there is nothing to train on.
    public init(model: any StatisticRecommender, users: [ArraySlice<Int32>], parameters: [Float], workers: Int) throws {
        let users = users.filter { !$0.isEmpty }
        guard !users.isEmpty else { throw TrainingError("there are no training events; give data with events before the held-out ones") }
        sum = StatisticSum(model: model, workers: max(1, workers))
        self.users = users
        self.parameters = parameters
    }

    /// - Returns: loss 0, because the statistic has none, over all events.
    public mutating func runEpoch(_ epoch: Int, stream: RandomStream) async throws -> LossSum {
        parameters = try await sum.mean(from: parameters, users: users)
        return LossSum(loss: 0, targets: users.reduce(0) { $0 + $1.count })
    }

    public var state: [String: [Float]] { ["parameters": parameters] }

    public mutating func restore(_ state: [String: [Float]]) throws {
        guard let saved = state["parameters"], saved.count == parameters.count else {
            throw TrainingError("the checkpoint holds no parameters of this model; train anew or use the recipe it was made with")
        }
        parameters = saved
    }
}
