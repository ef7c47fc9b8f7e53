public import Federation

/// Recommendations for users of this node, for histories, and the recording of events: what the application beside the data asks.
public struct RecommendationDesk: Sendable {
    private let storage: any NodeStorage
    private let shelf: ModelShelf
    private let clock: any FederationClock

    public init(storage: any NodeStorage, shelf: ModelShelf, clock: any FederationClock) {
        self.storage = storage
        self.shelf = shelf
        self.clock = clock
    }

    /// The most recommendations one question may ask for.
    public static let maximumCount = 1000

    /// - Throws: ``FederationError`` `.notFound` for an unknown user, `.failedPrecondition` before the first model.
    public func recommend(user: String, count: Int, keepsSeen: Bool = false, explains: Bool = false) async throws -> Recommendations {
        let engine = try await engine()
        guard let history = try await storage.history(of: user) else {
            throw FederationError(.notFound, "This node has no events of that user; record some, or post a history instead.")
        }
        return engine.recommend(for: history, count: count, keepsSeen: keepsSeen, explains: explains)
    }

    /// - Throws: ``FederationError`` `.failedPrecondition` before the first model.
    public func recommend(history: [String], count: Int, keepsSeen: Bool = false, explains: Bool = false) async throws -> Recommendations {
        try await engine().recommend(for: history, count: count, keepsSeen: keepsSeen, explains: explains)
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

    private func engine() async throws -> RecommendationEngine {
        guard let engine = await shelf.engine else {
            throw FederationError(.failedPrecondition, "There is no model yet; it comes with the first round of a plan that this node joins.")
        }
        return engine
    }
}
