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
}
