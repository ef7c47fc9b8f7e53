internal import DifferentialPrivacy
internal import Federation
internal import Interactions
internal import LocalTraining
internal import RecommenderModels
internal import Tensors

/// A joined plan with what every round of it needs.
struct PlanStanding: Sendable {
    let digest: Digest
    let plan: Plan
    let catalog: Catalog
    let recommender: any Recommender
    let trainer: LocalTrainer
    /// What a round costs; `nil` with privacy off.
    let event: MechanismEvent?
    /// With privacy `distributed`.
    var aggregation: AggregationStanding?
    /// Sequences prepared for training, with the version of the events they were read at.
    var data: TrainingData?
    /// Evaluations of this run, with the version of the events they are about.
    var reports: [ModelReference: (version: Int, report: LocalReport)] = [:]
    /// The version of the events that the counting baselines were last scored on.
    var baselinesVersion: Int?

    init(digest: Digest, plan: Plan, catalog: Catalog, workers: Int) throws {
        self.digest = digest
        self.plan = plan
        self.catalog = catalog
        recommender = try plan.model.recommender(itemCount: catalog.count)
        trainer = try LocalTrainer(model: plan.model, training: plan.training, itemCount: catalog.count, workers: workers)
        event = try plan.mechanismEvent(rounds: 1, parameters: recommender.layout.count)
    }
}

/// A node's events, split and sifted for one plan.
struct TrainingData: Sendable {
    let version: Int
    let split: LeaveOneOut
    /// Rows of users with enough training events, ascending.
    let eligible: [Int]
    let unknownEvents: Int
    let unknownItems: Int

    init(_ interactions: NodeInteractions, minimumEvents: Int) {
        version = interactions.version
        split = LeaveOneOut(interactions.sequences)
        let train = split.train
        eligible = (0..<train.userCount).filter { train[$0].count >= max(minimumEvents, 2) }
        unknownEvents = interactions.unknownEvents
        unknownItems = interactions.unknownItems
    }
}
