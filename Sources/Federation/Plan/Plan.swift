public import LocalTraining
public import RecommenderModels

/// Everything that defines a training run. Immutable once started; named by the digest of its one binary encoding.
public struct Plan: Sendable, Hashable {
    /// For people; 1…100 characters.
    public var name: String
    /// Root of every reproducible draw: initial parameters, selection, dropout, negatives, rounding.
    public var seed: UInt64
    /// The items the model scores, and the digest of the catalog file that lists them.
    public var catalog: CatalogReference
    public var model: ModelConfiguration
    public var training: TrainingConfiguration
    public var privacy: PrivacyPlan
    public var serverOptimizer: ServerOptimizer
    /// `nil`: the learning rate stays as it is.
    public var serverDecay: ServerDecay?
    public var selection: SelectionPlan
    /// Rounds to publish; the run ends when so many improved the model. ≥ 1.
    public var rounds: Int
    /// Rounds to attempt at most, abandoned ones included; the noise is calibrated for these. ≥ `rounds`.
    public var maximumAttempts: Int

    public init(
        name: String, seed: UInt64, catalog: CatalogReference, model: ModelConfiguration, training: TrainingConfiguration,
        privacy: PrivacyPlan, serverOptimizer: ServerOptimizer, serverDecay: ServerDecay? = nil, selection: SelectionPlan, rounds: Int, maximumAttempts: Int
    ) {
        self.name = name
        self.seed = seed
        self.catalog = catalog
        self.model = model
        self.training = training
        self.privacy = privacy
        self.serverOptimizer = serverOptimizer
        self.serverDecay = serverDecay
        self.selection = selection
        self.rounds = rounds
        self.maximumAttempts = maximumAttempts
    }
}

/// The catalog a plan was made for; index in the file = row of the item in the model.
public struct CatalogReference: Sendable, Hashable {
    public var digest: Digest
    /// V; ≥ 2.
    public var itemCount: Int
    public init(digest: Digest, itemCount: Int) {
        self.digest = digest
        self.itemCount = itemCount
    }
}

/// What protects users in a plan, and the integers that updates live on.
public struct PrivacyPlan: Sendable, Hashable {
    public enum Mode: Sendable, Hashable {
        /// Every node adds, to its own sum, the full noise its own users need. Trusts nobody.
        case local(GaussianMechanism)
        /// Every node adds a share of the noise, and secure aggregation shows nothing but the total. Trusts that of t survivors t − c are honest.
        case distributed(GaussianMechanism, AggregationPlan)
        /// The coordinator adds the noise once. Trusts the coordinator.
        case central(GaussianMechanism)
        /// No noise. Trusts everybody. Per coordinate |value| ≤ `range` before scaling, where value = weight × delta.
        case off(range: Double)
    }
    public var mode: Mode
    public var grid: GridPlan

    public init(mode: Mode, grid: GridPlan) {
        self.mode = mode
        self.grid = grid
    }
    /// Setting it has no effect with privacy `off`.
    public var mechanism: GaussianMechanism? {
        get {
            switch mode {
            case .local(let mechanism), .central(let mechanism), .distributed(let mechanism, _): mechanism
            case .off: nil
            }
        }
        set {
            guard let newValue else { return }
            switch mode {
            case .local: mode = .local(newValue)
            case .central: mode = .central(newValue)
            case .distributed(_, let aggregation): mode = .distributed(newValue, aggregation)
            case .off: break
            }
        }
    }
}

/// The Gaussian mechanism of one round, at the level of users under add/remove of one user.
public struct GaussianMechanism: Sendable, Hashable {
    /// C: the L2 bound of one user's contribution; > 0.
    public var clip: Double
    /// σ: standard deviation of the noise in units of C; > 0.
    public var noiseMultiplier: Double
    /// The ε the plan promises over `maximumAttempts` rounds; > 0. The noise must not cost more.
    public var epsilon: Double
    /// δ; in (0, 1).
    public var delta: Double
    /// q: probability that a user takes part in a round; 1 is everyone, below 1 Poisson sampling inside the node.
    public var samplingRate: Double
    /// `nil`: `clip` holds for all rounds; otherwise it is the first round's.
    public var adaptiveClip: AdaptiveClip?
    /// Tensors with a clip of their own; the others share what C² leaves of it. Empty: one clip for all parameters.
    public var tensorClips: [TensorClip]

    public init(
        clip: Double, noiseMultiplier: Double, epsilon: Double, delta: Double, samplingRate: Double = 1, adaptiveClip: AdaptiveClip? = nil,
        tensorClips: [TensorClip] = []
    ) {
        self.clip = clip
        self.noiseMultiplier = noiseMultiplier
        self.epsilon = epsilon
        self.delta = delta
        self.samplingRate = samplingRate
        self.adaptiveClip = adaptiveClip
        self.tensorClips = tensorClips
    }
}

/// The integer grid: real value × `scale`, rounded, modulo 2^`modulusBits`.
public struct GridPlan: Sendable, Hashable {
    /// s: grid steps per unit; a positive power of two. With a mechanism, the clip on the grid is D = ⌊C·s⌋.
    public var scale: Double
    /// b: 32, 40 or 64.
    public var modulusBits: Int
    public init(scale: Double, modulusBits: Int) {
        self.scale = scale
        self.modulusBits = modulusBits
    }
}

/// The rule that turns the mean update Δ into the next model (Reddi et al. 2021, *Adaptive Federated Optimization*, alg. 2).
public enum ServerOptimizer: Sendable, Hashable {
    /// θ ← θ + η Δ
    case fedAvg(learningRate: Float)
    /// v ← β v + Δ, θ ← θ + η v (Hsu et al. 2019)
    case fedAvgM(learningRate: Float, momentum: Float)
    /// m ← β₁ m + (1 − β₁) Δ, v ← β₂ v + (1 − β₂) Δ², θ ← θ + η m ∕ (√v + τ)
    case fedAdam(learningRate: Float, beta1: Float, beta2: Float, tau: Float)
    /// as FedAdam with v ← v − (1 − β₂) Δ² sign(v − Δ²)
    case fedYogi(learningRate: Float, beta1: Float, beta2: Float, tau: Float)
    /// as FedAdam with β₁ = 0 and v ← v + Δ²
    case fedAdagrad(learningRate: Float, tau: Float)
    /// θ ← Δ: for models whose updates are statistics, of which the mean is the model. Such models need it, others cannot use it.
    case replace
}

/// Who takes part in a round and how long it waits.
public struct SelectionPlan: Sendable, Hashable {
    public enum Rule: Sendable, Hashable {
        /// Every joined node.
        case all
        /// So many nodes drawn uniformly, times `overSelection`, rounded up.
        case uniform(count: Int)
    }
    public var rule: Rule
    /// Factor ≥ 1 on the count of `.uniform`: spare nodes, so that losing some does not lose the round.
    public var overSelection: Double
    /// A round starts only when so many nodes can be selected; ≥ 1.
    public var minimumCohort: Int
    /// A round publishes with at least so many updates and is abandoned at the deadline with fewer; 1…`minimumCohort`.
    public var quorum: Int
    /// Seconds from selection to the end of collecting; ≥ 1.
    public var deadlineSeconds: Int
    /// Seconds to wait for more nodes than `minimumCohort` before the first round starts; ≥ 0.
    public var gatherSeconds: Int

    public init(
        rule: Rule = .all, overSelection: Double = 1, minimumCohort: Int = 1, quorum: Int = 1, deadlineSeconds: Int = 600,
        gatherSeconds: Int = 0
    ) {
        self.rule = rule
        self.overSelection = overSelection
        self.minimumCohort = minimumCohort
        self.quorum = quorum
        self.deadlineSeconds = deadlineSeconds
        self.gatherSeconds = gatherSeconds
    }
}
