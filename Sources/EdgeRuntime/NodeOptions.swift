/// How a node runs; nothing here changes what it computes for the federation.
public struct NodeOptions: Sendable, Hashable {
    /// Threads of local training and of the search for recommendations; ≥ 1. No result depends on it.
    public var workers: Int
    /// How long one poll may be held back by the coordinator; 0…60 s.
    public var patience: Duration
    /// The first pause after a failed request, doubled up to `longestPause`.
    public var shortestPause: Duration
    public var longestPause: Duration
    /// Whether `run` returns when the plan is over, instead of waiting for the next one.
    public var untilPlanEnds: Bool
    /// Whether every adopted model version is scored on this node's held-out events.
    public var evaluates: Bool
    /// Whether every published model version is fetched and served. A node that only trains fetches the models it trains from.
    public var servesModels: Bool
    /// How the best items are found when recommendations are asked for.
    public var index: IndexChoice

    public init(
        workers: Int = 1, patience: Duration = .seconds(20), shortestPause: Duration = .milliseconds(500),
        longestPause: Duration = .seconds(30), untilPlanEnds: Bool = false, evaluates: Bool = true, servesModels: Bool = true,
        index: IndexChoice = .exact
    ) {
        precondition(workers >= 1, "at least one worker")
        self.workers = workers
        self.patience = patience
        self.shortestPause = shortestPause
        self.longestPause = longestPause
        self.untilPlanEnds = untilPlanEnds
        self.evaluates = evaluates
        self.servesModels = servesModels
        self.index = index
    }
}
