public import Interactions
public import RecommenderModels
public import SeededRandom

/// How a model is trained on all users of one place.
public struct PooledSettings: Sendable, Hashable {
    /// Optimiser, batches and windows; `epochs` is the most there are, and `unit` is `silo`.
    public var training: TrainingConfiguration
    public var schedule: LearningRateSchedule
    /// Longer gradients are scaled down to this L2 norm; `nil`: they are not.
    public var gradientClip: Float?
    /// Decay of an exponential moving average of the parameters, which is then what is evaluated and saved; in (0, 1). In the first
    /// steps the decay is at most (1 + t)/(10 + t), so that the start is forgotten.
    public var averaging: Float?

    public init(
        training: TrainingConfiguration, schedule: LearningRateSchedule = .constant, gradientClip: Float? = nil, averaging: Float? = nil
    ) {
        self.training = training
        self.schedule = schedule
        self.gradientClip = gradientClip
        self.averaging = averaging
    }

    /// - Throws: `TrainingError` naming the first value out of range and what is allowed.
    public func validate() throws {
        try training.validate()
        try schedule.validate()
        if let gradientClip, !(gradientClip > 0 && gradientClip.isFinite) {
            throw TrainingError("gradients are clipped at a norm of \(gradientClip); choose a finite value above 0")
        }
        if let averaging, !(averaging > 0 && averaging < 1) {
            throw TrainingError("the decay of the averaged parameters is \(averaging); choose a value between 0 and 1")
        }
    }
}

extension ModelConfiguration {
    /// The algorithm that trains this model on pooled data.
    /// - Parameters:
    ///   - users: training events; users with fewer than `minimumEvents` are left out.
    ///   - itemCount: V.
    ///   - workers: at least 1; no result depends on it.
    ///   - stream: names the initial parameters.
    /// - Throws: `ModelError` or `TrainingError` when a value is out of range or nobody has enough events.
    public func pooledAlgorithm(
        users: UserSequences, itemCount: Int, settings: PooledSettings, workers: Int, stream: RandomStream
    ) throws -> any PooledAlgorithm {
        let items = 0..<Int32(clamping: itemCount)
        if let stray = users.items.first(where: { !items.contains($0) }) {
            throw TrainingError("an event has item \(stray), outside the catalog of \(itemCount); import the events with this catalog")
        }
        let events = (0..<users.userCount).map { users[$0] }.filter { $0.count >= settings.training.minimumEvents }
        let initial = stream.child("initial")
        let model = try recommender(itemCount: itemCount)
        if let model = model as? any StatisticRecommender {
            return try StatisticPooledAlgorithm(model: model, users: events, parameters: model.initialParameters(initial), workers: workers)
        }
        if let model = model as? LightGCN {
            return try LightGCNPooledAlgorithm(model: model, users: events, settings: settings, workers: workers, stream: initial)
        }
        switch self {
        case .bprMF, .ials, .item2Vec:
            return try factorAlgorithm(users: users, itemCount: itemCount, settings: settings, workers: workers, stream: stream)
        default:
            return try GradientPooledAlgorithm(model: self, users: users, itemCount: itemCount, settings: settings, workers: workers, stream: stream)
        }
    }
}
