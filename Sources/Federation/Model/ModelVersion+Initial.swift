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
    /// The version of round 0: the model's initial parameters from the plan's seed and what the plan's catalog says of the items.
    /// - Parameter content: categories of the plan's catalog; `nil` is a catalog without any.
    public init(initialFor plan: Plan, recommender: any Recommender, content: ItemContent? = nil) {
        let stream = RandomStream(seed: plan.seed, "initial model")
        self.init(
            plan: plan.digest, round: 0, parent: nil,
            parameters: content.map { recommender.initialParameters(stream, content: $0) } ?? recommender.initialParameters(stream),
            optimizerState: plan.serverOptimizer.initialState(dimension: recommender.layout.count),
            clip: plan.privacy.mechanism.flatMap { $0.adaptiveClip == nil ? nil : $0.clip })
    }
}
