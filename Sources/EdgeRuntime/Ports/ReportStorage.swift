public import Federation

/// Evaluations that stay at the node.
public protocol ReportStorage: Sendable {
    /// Replaces an earlier report of the same plan, scorer and model version.
    func saveReport(_ report: LocalReport) async throws
    /// In order of plan's first report, then scorer, then model round.
    func reports() async throws -> [LocalReport]
}

/// How a scorer did on this node's held-out events.
///
/// Protocol: last event of each user with at least three is the target; the history is everything before it; all catalog items are
/// candidates, the user's history items removed; ties at mid-rank.
public struct LocalReport: Sendable, Hashable {
    /// Who ranked the items.
    public enum Scorer: Sendable, Hashable {
        /// The plan's model as published by this round; 0 is the initial model.
        case model(ModelReference)
        /// Counts of this node's own training events.
        case popularity
        /// First-order transitions of this node's own training events, with popularity back-off.
        case markov

        public var name: String {
            switch self {
            case .model: "model"
            case .popularity: "popularity"
            case .markov: "markov"
            }
        }
    }
    public var plan: Digest
    public var scorer: Scorer
    /// Users evaluated; the denominators of the means.
    public var users: Int
    /// Sums over users.
    public var hitsAt10: Double
    public var ndcgAt10: Double
    public var reciprocalRank: Double
    public var time: WallTime

    public init(
        plan: Digest, scorer: Scorer, users: Int, hitsAt10: Double, ndcgAt10: Double, reciprocalRank: Double, time: WallTime
    ) {
        self.plan = plan
        self.scorer = scorer
        self.users = users
        self.hitsAt10 = hitsAt10
        self.ndcgAt10 = ndcgAt10
        self.reciprocalRank = reciprocalRank
        self.time = time
    }
    /// Means over users; 0 without users.
    public var hitRate: Double { users == 0 ? 0 : hitsAt10 / Double(users) }
    public var ndcg: Double { users == 0 ? 0 : ndcgAt10 / Double(users) }
    public var meanReciprocalRank: Double { users == 0 ? 0 : reciprocalRank / Double(users) }
}
