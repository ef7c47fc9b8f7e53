internal import Federation
internal import Interactions

/// Keeps the new items described for the model version that is served.
///
/// A new list and a new model count at once. New events count after a minute at the latest: the histories they belong to have to be
/// read, and not for every question.
actor NewItemShelf {
    private static let freshness: Duration = .seconds(60)

    private struct State: Hashable {
        var list: Digest
        var model: ModelReference
        var plan: Digest
    }

    private var state: State?
    private var eventVersion = 0
    private var time = WallTime(milliseconds: 0)
    private var items = NewItems.none

    /// The new items for an engine.
    func items(for engine: RecommendationEngine, in storage: any NodeStorage, at now: WallTime) async throws -> NewItems {
        guard let list = try await storage.newItemsDigest() else {
            (state, items) = (nil, .none)
            return items
        }
        let wanted = State(list: list, model: engine.model, plan: engine.plan)
        if wanted == state {
            if now < time + Self.freshness { return items }
            let version = try await storage.eventStatistics().version
            if version == eventVersion {
                time = now
                return items
            }
        }
        let version = try await storage.eventStatistics().version
        guard let catalog = try await storage.newItems() else { return .none }
        let histories = try await storage.histories(meeting: catalog.items.map(\.id), limit: NewItems.mostHistories)
        let described = NewItems(catalog, beside: engine, histories: histories)
        (state, eventVersion, time, items) = (wanted, version, now, described)
        return described
    }
}
