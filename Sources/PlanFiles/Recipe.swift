public import Interactions
public import LocalTraining
public import RankingEvaluation
public import RecommenderModels

/// How one model is trained and evaluated on one kind of data: a small file that, with the data and a seed, gives a figure.
public struct Recipe: Sendable, Hashable {
    /// The file's name without its ending.
    public var name: String
    /// The word that names the model in the file.
    public var modelName: String
    public var model: ModelConfiguration
    /// Optimiser, batches, windows, schedule; `training.epochs` is the most there are.
    public var settings: PooledSettings
    public var stopping: EarlyStopping
    public var split: SplitRule
    public var seen: SeenRule
    /// Values of k, 10 among them.
    public var cutoffs: [Int]
    /// Applied to the events before all else.
    public var cleaning: [CleaningStep]
    /// Users with fewer events are left out, with the items only they met; ≥ 3.
    public var minimumUserEvents: Int
    /// Whether the model is trained anew on training and validation events for the chosen number of epochs before it is tested.
    public var refit: Bool
    /// With it the model is trained by a simulated federation instead of on pooled data.
    public var federation: FederatedRecipe?
}

/// How a recipe's data are dealt to nodes, and the plan that trains them.
public struct FederatedRecipe: Sendable, Hashable {
    public enum Assignment: Sendable, Hashable {
        /// Evenly, by a hash of the user's id.
        case hash(nodes: Int)
        /// So that nodes differ in taste; smaller α, more.
        case dirichlet(nodes: Int, alpha: Double)
        case oneUserPerNode
    }
    public var assignment: Assignment
    /// Published rounds between evaluations on validation events; the last round is always evaluated.
    public var evaluateEvery: Int
    /// Its seed is the run's.
    public var plan: PlanDraft
}
