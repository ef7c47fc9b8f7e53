/// How a node trains on its own users' events in one round.
public struct TrainingConfiguration: Sendable, Hashable {
    /// Who a gradient step is taken over.
    public enum Unit: Sendable, Hashable {
        /// Mini-batches over all users of the node: classic federated averaging. Only with privacy `off`.
        case silo
        /// Every user trains alone from the global model; required by every private mode.
        case perUser
    }
    public var unit: Unit
    public var optimizer: LocalOptimizer
    /// Passes over the unit's sequences; ≥ 1.
    public var epochs: Int
    /// Sequences per step; ≥ 1. With `.perUser` the sequences are that user's windows, the oldest first: 1 takes a step per window, and from
    /// `maximumWindows` on they form one step.
    public var batchSize: Int
    /// L, the most positions of a window, each an event that is read and the next one as target; 2…1000. Longer histories are cut
    /// into consecutive windows, the last event of one read first by the next, so that every event but the first is a target.
    public var maximumLength: Int
    /// The most windows of a user that are trained on in a round, the most recent ones first; ≥ 1.
    public var maximumWindows: Int
    /// Users with fewer training events than this do not take part; ≥ 2.
    public var minimumEvents: Int

    public init(
        unit: Unit, optimizer: LocalOptimizer, epochs: Int = 1, batchSize: Int = 128, maximumLength: Int = 50,
        maximumWindows: Int = 8, minimumEvents: Int = 2
    ) {
        self.unit = unit
        self.optimizer = optimizer
        self.epochs = epochs
        self.batchSize = batchSize
        self.maximumLength = maximumLength
        self.maximumWindows = maximumWindows
        self.minimumEvents = minimumEvents
    }
}

/// The optimiser of the node's local steps; its state starts anew every round.
public enum LocalOptimizer: Sendable, Hashable {
    /// θ ← θ − η v, v ← m v + g.
    case sgd(learningRate: Float, momentum: Float)
    /// Duchi et al. 2011, diagonal.
    case adagrad(learningRate: Float)
    /// Kingma and Ba 2015, β = (0.9, 0.999), ε = 1e-8.
    case adam(learningRate: Float)
    /// Adagrad whose steps have momentum, v ← m v − η g/√s, θ ← θ + v (the optimiser of Hidasi and Karatzoglou 2018).
    case adagradMomentum(learningRate: Float, momentum: Float)
    /// Loshchilov and Hutter 2019, the decay of weights apart from the gradient.
    case adamW(AdamWSettings)
}

/// Settings of Adam with decoupled weight decay.
public struct AdamWSettings: Sendable, Hashable {
    public var learningRate: Float
    /// β₁, in [0, 1).
    public var beta1: Float
    /// β₂, in [0, 1).
    public var beta2: Float
    /// λ: every step begins with θ ← (1 − η λ) θ; ≥ 0.
    public var weightDecay: Float
    /// Whether rows of item tables that a step's gradient does not touch stay as they are, state and decay included. Otherwise all
    /// parameters take part in every step, as in a dense implementation.
    public var sparse: Bool

    public init(learningRate: Float, beta1: Float = 0.9, beta2: Float = 0.999, weightDecay: Float = 0.01, sparse: Bool = false) {
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.weightDecay = weightDecay
        self.sparse = sparse
    }
}

extension LocalOptimizer {
    /// η, before any schedule.
    public var learningRate: Float {
        switch self {
        case .sgd(let rate, _), .adagrad(let rate), .adam(let rate), .adagradMomentum(let rate, _): rate
        case .adamW(let settings): settings.learningRate
        }
    }
}
