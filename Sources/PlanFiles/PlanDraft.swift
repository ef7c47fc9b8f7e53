public import Federation
public import LocalTraining
public import RecommenderModels

/// A plan as its file states it: what the catalog and the calibration of noise decide is still open.
public struct PlanDraft: Sendable, Hashable {
    public var name: String
    public var seed: UInt64
    public var model: ModelConfiguration
    public var training: TrainingConfiguration
    public var privacy: PrivacyDraft
    public var serverOptimizer: ServerOptimizer
    public var serverDecay: ServerDecay?
    public var selection: SelectionPlan
    public var rounds: Int
    public var maximumAttempts: Int
    /// Upper bound on the enrolled users of the whole federation; sizes the modulus so that no sum can wrap.
    public var maximumUsers: Int
}

/// The privacy section of a plan file.
public struct PrivacyDraft: Sendable, Hashable {
    public enum Mode: Sendable, Hashable { case local, distributed, central, off }
    public var mode: Mode
    /// C; `nil` with mode `off`.
    public var clip: Double?
    public var epsilon: Double?
    public var delta: Double
    public var samplingRate: Double
    /// `nil`: one clip for all rounds.
    public var adaptiveClip: AdaptiveClip?
    /// Tensors with a clip of their own.
    public var tensorClips: [TensorClip]
    /// t and c of mode `distributed`; `nil`: what suits the minimum cohort.
    public var threshold: Int?
    public var collusion: Int?
    public var minimumOrganisations: Int
    public var stageSeconds: Int
    /// `nil`: the smallest that keeps ε over all attempts.
    public var noiseMultiplier: Double?
    /// With mode `off`: bound per coordinate on weight × delta.
    public var range: Double
    /// `nil`: chosen so that the grid costs no privacy worth mentioning and no sum wraps.
    public var grid: GridPlan?
}
