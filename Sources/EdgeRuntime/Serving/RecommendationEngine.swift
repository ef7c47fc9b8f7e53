public import Federation
public import Interactions
public import RecommenderModels
internal import Tensors

/// Ranks the catalog for a history with one model version.
public struct RecommendationEngine: Sendable {
    public let plan: Digest
    public let model: ModelReference
    public let catalog: Catalog
    /// The model with its parameters: whatever can be computed once per version is.
    private let recommender: any PreparedRecommender

    /// - Parameters:
    ///   - parameters: of `recommender.layout`.
    ///   - catalog: with as many items as the recommender scores.
    public init(plan: Digest, model: ModelReference, catalog: Catalog, recommender: any Recommender, parameters: [Float]) {
        precondition(catalog.count == recommender.itemCount, "the catalog and the model list the same items")
        precondition(parameters.count == recommender.layout.count, "the parameters have the model's layout")
        self.plan = plan
        self.model = model
        self.catalog = catalog
        self.recommender = recommender.prepared(parameters)
    }

    var scorer: ModelScorer { ModelScorer(recommender: recommender) }

    /// The best items for a history.
    /// - Parameters:
    ///   - history: public item ids, the oldest first; ids that the catalog does not list are passed over and counted.
    ///   - count: how many; fewer come back when the catalog is smaller. ≥ 1.
    ///   - keepsSeen: whether items of the history may be recommended again.
    ///   - explains: whether each recommendation names the event of the history that speaks most for it.
    public func recommend(for history: [String], count: Int, keepsSeen: Bool = false, explains: Bool = false) -> Recommendations {
        precondition(count >= 1, "at least one recommendation")
        let known = history.compactMap { catalog.index(of: $0) }
        let scores = recommender.scores(histories: [known[...]])
        let seen = keepsSeen ? [] : Set(known)
        let best = Self.top(count, of: scores, excluding: seen)
        let reasons = explains ? explanations(of: best, history: known, scores: scores) : [:]
        let ranked = best.map { index in
            let item = catalog.items[Int(index)]
            return Recommendation(item: item.id, title: item.title, score: scores[Int(index)], because: reasons[index])
        }
        return Recommendations(model: model, items: ranked, knownEvents: known.count, unknownEvents: history.count - known.count)
    }

    /// The indices of the highest scores, highest first; equal scores in catalog order.
    static func top(_ count: Int, of scores: [Float], excluding seen: Set<Int32>) -> [Int32] {
        var kept: [Int32] = []
        kept.reserveCapacity(count + 1)
        for index in scores.indices where !seen.contains(Int32(index)) {
            let score = scores[index]
            if kept.count == count, score <= scores[Int(kept[count - 1])] { continue }
            // The last position whose score is not lower; the list is short.
            var position = kept.count
            while position > 0, scores[Int(kept[position - 1])] < score { position -= 1 }
            kept.insert(Int32(index), at: position)
            if kept.count > count { kept.removeLast() }
        }
        return kept
    }
}

extension RecommendationEngine {
    /// How many events, the most recent ones, are tried when a recommendation is explained.
    static let explainedEvents = 30

    /// For each item the event whose absence lowers its score most, found by scoring the history once without each event.
    private func explanations(of items: [Int32], history: [Int32], scores: [Float]) -> [Int32: Reason] {
        let positions = history.indices.suffix(Self.explainedEvents)
        guard !positions.isEmpty else { return [:] }
        let shortened = positions.map { position in (history[..<position] + history[(position + 1)...])[...] }
        let without = recommender.scores(histories: shortened)
        var reasons: [Int32: Reason] = [:]
        for item in items {
            var best: (position: Int, gain: Float)?
            for (row, position) in positions.enumerated() {
                let gain = scores[Int(item)] - without[row * catalog.count + Int(item)]
                if gain > best?.gain ?? 0 { best = (position, gain) }
            }
            if let best {
                let cause = catalog.items[Int(history[best.position])]
                reasons[item] = Reason(item: cause.id, title: cause.title, gain: best.gain)
            }
        }
        return reasons
    }
}

/// What an engine answers.
public struct Recommendations: Sendable, Hashable {
    public var model: ModelReference
    /// Best first.
    public var items: [Recommendation]
    /// Events of the history that the catalog lists, and those it does not.
    public var knownEvents: Int
    public var unknownEvents: Int
}

public struct Recommendation: Sendable, Hashable {
    public var item: String
    public var title: String?
    /// The model's score: comparable within one answer only.
    public var score: Float
    /// `nil` when not asked for, or when no single event raises the score.
    public var because: Reason?
}

/// The event of the history that speaks most for an item.
public struct Reason: Sendable, Hashable {
    public var item: String
    public var title: String?
    /// How much the score falls when the event is left out.
    public var gain: Float
}
