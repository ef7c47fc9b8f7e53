public import Federation
public import Interactions
public import RecommenderModels
internal import Tensors

/// Ranks the catalog for a history with one model version.
public struct RecommendationEngine: Sendable {
    public let plan: Digest
    public let model: ModelReference
    public let catalog: Catalog
    let prepared: any PreparedRecommender
    /// For models whose scores are products of vectors.
    let index: (any ItemIndex)?

    /// An engine that scores every item.
    /// - Parameters:
    ///   - parameters: of `recommender.layout`.
    ///   - catalog: with as many items as the recommender scores.
    ///   - workers: tasks that scan the items at the same time; ≥ 1. Answers do not depend on it.
    public init(
        plan: Digest, model: ModelReference, catalog: Catalog, recommender: any Recommender, parameters: [Float], workers: Int = 1
    ) {
        precondition(parameters.count == recommender.layout.count, "the parameters have the model's layout")
        let prepared = recommender.prepared(parameters)
        self.init(
            plan: plan, model: model, catalog: catalog, prepared: prepared,
            index: prepared.itemVectors.map { ExactIndex($0, workers: workers) })
    }

    /// An engine with the index that was chosen.
    /// - Throws: `ModelError` when the index cannot be built.
    public init(
        plan: Digest, model: ModelReference, catalog: Catalog, recommender: any Recommender, parameters: [Float], workers: Int,
        index choice: IndexChoice
    ) async throws {
        precondition(parameters.count == recommender.layout.count, "the parameters have the model's layout")
        let prepared = recommender.prepared(parameters)
        var index: (any ItemIndex)?
        if let vectors = prepared.itemVectors {
            switch choice {
            case .exact: index = ExactIndex(vectors, workers: workers)
            case .hnsw(let configuration): index = try await HNSWIndex(vectors, configuration: configuration, workers: workers)
            }
        }
        self.init(plan: plan, model: model, catalog: catalog, prepared: prepared, index: index)
    }

    private init(plan: Digest, model: ModelReference, catalog: Catalog, prepared: any PreparedRecommender, index: (any ItemIndex)?) {
        precondition(catalog.count == prepared.itemCount, "the catalog and the model list the same items")
        self.plan = plan
        self.model = model
        self.catalog = catalog
        self.prepared = prepared
        self.index = index
    }

    var scorer: ModelScorer { ModelScorer(recommender: prepared) }

    /// The best items for each history, in the order of the histories.
    /// - Parameters:
    ///   - histories: public item ids, the oldest first; ids that neither the catalog nor `newItems` list are passed over and counted.
    ///     An empty history gets what the model expects of somebody it knows nothing of.
    ///   - count: how many; fewer come back when fewer items are left. ≥ 1.
    ///   - keepsSeen: whether items of the history may be recommended again.
    ///   - explains: whether each recommendation names the event of the history that speaks most for it.
    ///   - newItems: items beside the catalog that may be recommended as well.
    public func recommend(
        for histories: [[String]], count: Int, keepsSeen: Bool = false, explains: Bool = false, newItems: NewItems = .none
    ) async -> [Recommendations] {
        precondition(count >= 1, "at least one recommendation")
        let known = histories.map { history in history.compactMap { catalog.index(of: $0) } }
        let seen: [SeenItems] = zip(histories, known).map { history, known in
            keepsSeen ? SeenItems() : SeenItems(known: known, new: history.compactMap { newItems.index(of: $0) })
        }
        let ranked = await ranking(of: known.map { $0[...] }, count: count, seen: seen, newItems: newItems)
        var answers: [Recommendations] = []
        for (row, best) in ranked.enumerated() {
            let reasons = explains ? explanations(of: best, history: known[row], newItems: newItems) : [:]
            answers.append(
                Recommendations(
                    model: model, items: best.map { recommendation($0, because: reasons[$0.place], newItems) }, knownEvents: known[row].count,
                    unknownEvents: histories[row].count - known[row].count))
        }
        return answers
    }

    /// The best items for one history.
    public func recommend(
        for history: [String], count: Int, keepsSeen: Bool = false, explains: Bool = false, newItems: NewItems = .none
    ) async -> Recommendations {
        await recommend(for: [history], count: count, keepsSeen: keepsSeen, explains: explains, newItems: newItems)[0]
    }

    private func recommendation(_ ranked: RankedPlace, because reason: Reason?, _ newItems: NewItems) -> Recommendation {
        switch ranked.place {
        case .known(let index):
            let item = catalog.items[Int(index)]
            return Recommendation(item: item.id, title: item.title, score: ranked.score, because: reason, isNew: false)
        case .new(let index):
            let item = newItems.items[Int(index)]
            return Recommendation(item: item.id, title: item.title, score: ranked.score, because: reason, isNew: true)
        }
    }
}
