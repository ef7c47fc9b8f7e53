public import RecommenderModels
import SeededRandom
import Tensors

extension Plan {
    /// The plan's model over the plan's catalog.
    /// - Throws: ``FederationError`` `.invalidPlan` with what the model's configuration finds wrong.
    public func recommender() throws -> any Recommender {
        do { return try model.recommender(itemCount: catalog.itemCount) } catch {
            throw FederationError(.invalidPlan, "The plan's model cannot be built: \(error)", cause: error)
        }
    }
}

extension ModelVersion {
    /// The version of round 0: the model's initial parameters from the plan's seed.
    public init(initialFor plan: Plan, recommender: any Recommender) {
        self.init(
            plan: plan.digest, round: 0, parent: nil,
            parameters: recommender.initialParameters(RandomStream(seed: plan.seed, "initial model")),
            optimizerState: plan.serverOptimizer.initialState(dimension: recommender.layout.count))
    }
}
