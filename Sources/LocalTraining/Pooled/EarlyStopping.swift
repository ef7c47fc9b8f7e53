public import RankingEvaluation

/// How validation chooses the epoch.
public struct EarlyStopping: Sendable, Hashable {
    public enum Metric: String, Sendable, Hashable, CaseIterable {
        case ndcg10 = "ndcg@10"
        case hitRate10 = "hr@10"

        public func value(_ metrics: RankingMetrics) -> Double {
            switch self {
            case .ndcg10: metrics.values(at: 10).ndcg
            case .hitRate10: metrics.values(at: 10).hitRate
            }
        }
    }
    /// What the best epoch has most of.
    public var metric: Metric
    /// Epochs from one evaluation to the next; ≥ 1. The last epoch is always evaluated.
    public var every: Int
    /// Epochs without improvement after which training ends; `nil`: never before the last epoch.
    public var patience: Int?
    /// Validation uses a sample of so many users, the same in every epoch; `nil`: all of them.
    public var validationUsers: Int?

    public init(metric: Metric = .ndcg10, every: Int = 1, patience: Int? = nil, validationUsers: Int? = nil) {
        self.metric = metric
        self.every = every
        self.patience = patience
        self.validationUsers = validationUsers
    }
}
