public import Federation

/// Recommendations for users of this node, for histories, and the recording of events: what the application beside the data asks.
public struct RecommendationDesk: Sendable {
    private let storage: any NodeStorage
    private let shelf: ModelShelf
    private let newItems = NewItemShelf()
    private let clock: any FederationClock

    public init(storage: any NodeStorage, shelf: ModelShelf, clock: any FederationClock) {
        self.storage = storage
        self.shelf = shelf
        self.clock = clock
    }

    /// The most recommendations one question may ask for.
    public static let maximumCount = 1000
    /// The most users or histories one question may name.
    public static let maximumBatch = 1000

    /// - Throws: ``FederationError`` `.notFound` for an unknown user, `.failedPrecondition` before the first model, `.invalidArgument` for
    ///   a count out of range.
    public func recommend(user: String, count: Int, keepsSeen: Bool = false, explains: Bool = false) async throws -> Recommendations {
        try check(count)
        let engine = try await engine()
        guard let history = try await storage.history(of: user) else {
            throw FederationError(.notFound, "This node has no events of that user; record some, or post a history instead.")
        }
        return try await answer([history], count, keepsSeen, explains, engine)[0]
    }

    /// - Throws: ``FederationError`` `.failedPrecondition` before the first model, `.invalidArgument` for a count out of range.
    public func recommend(history: [String], count: Int, keepsSeen: Bool = false, explains: Bool = false) async throws -> Recommendations {
        try check(count)
        return try await answer([history], count, keepsSeen, explains, try await engine())[0]
    }

    /// Answers for many histories from one model version, in their order; sooner done than one by one.
    /// - Throws: as for one, and `.invalidArgument` for more than ``maximumBatch`` histories.
    public func recommend(histories: [[String]], count: Int, keepsSeen: Bool = false, explains: Bool = false) async throws -> [Recommendations] {
        try check(count)
        guard histories.count <= Self.maximumBatch else {
            throw FederationError(.invalidArgument, "At most \(Self.maximumBatch) are answered at once, not \(histories.count); ask in parts.")
        }
        return try await answer(histories, count, keepsSeen, explains, try await engine())
    }

    /// Answers for many users from one model version, in their order; `nil` for users this node has no events of.
    /// - Throws: as for histories.
    public func recommend(users: [String], count: Int, keepsSeen: Bool = false, explains: Bool = false) async throws -> [Recommendations?] {
        guard users.count <= Self.maximumBatch else {
            throw FederationError(.invalidArgument, "At most \(Self.maximumBatch) are answered at once, not \(users.count); ask in parts.")
        }
        var histories: [[String]?] = []
        for user in users { histories.append(try await storage.history(of: user)) }
        var answers = try await recommend(histories: histories.compactMap { $0 }, count: count, keepsSeen: keepsSeen, explains: explains)[...]
        return histories.map { $0 == nil ? nil : answers.popFirst() }
    }

    /// Stores events; one without a time happened now.
    public func record(_ events: [NodeEvent]) async throws -> RecordedEvents {
        let now = clock.now.milliseconds
        return try await storage.record(events.map { NodeEvent(user: $0.user, item: $0.item, time: $0.time ?? now) })
    }

    /// The model served, and how many users and events the node holds.
    public func health() async throws -> (model: ModelReference?, statistics: EventStatistics) {
        (await shelf.engine?.model, try await storage.eventStatistics())
    }

    /// What the served model claims about the privacy of the users it learned from.
    /// - Throws: ``FederationError`` `.failedPrecondition` before the first model.
    public func privacyStatement() async throws -> PrivacyStatement {
        guard let served = try await storage.servedModel(), let membership = try await storage.membership(of: served.plan) else {
            throw FederationError(.failedPrecondition, "There is no model yet; it comes with the first round of a plan that this node joins.")
        }
        return try PrivacyStatement(plan: try Plan(encoded: membership.encodedPlan), digest: served.plan, model: served.model)
    }

    private func answer(
        _ histories: [[String]], _ count: Int, _ keepsSeen: Bool, _ explains: Bool, _ engine: RecommendationEngine
    ) async throws -> [Recommendations] {
        let newItems = try await newItems.items(for: engine, in: storage, at: clock.now)
        return await engine.recommend(for: histories, count: count, keepsSeen: keepsSeen, explains: explains, newItems: newItems)
    }

    private func check(_ count: Int) throws {
        guard (1...Self.maximumCount).contains(count) else {
            throw FederationError(.invalidArgument, "The number of recommendations must be in 1…\(Self.maximumCount), not \(count).")
        }
    }

    private func engine() async throws -> RecommendationEngine {
        guard let engine = await shelf.engine else {
            throw FederationError(.failedPrecondition, "There is no model yet; it comes with the first round of a plan that this node joins.")
        }
        return engine
    }
}
