internal import Interactions
internal import RecommenderModels
internal import Tensors

/// Where an item is listed: in the plan's catalog or among the new items.
enum ItemPlace: Sendable, Hashable {
    case known(Int32)
    case new(Int32)
}

struct RankedPlace: Sendable, Hashable {
    var place: ItemPlace
    var score: Float
}

/// What is not recommended to somebody.
struct SeenItems: Sendable {
    var known: [Int32] = []
    var new: [Int32] = []
}

extension RecommendationEngine {
    /// The highest scores for each history, best first; equal scores in catalog order, new items behind.
    func ranking(of histories: [ArraySlice<Int32>], count: Int, seen: [SeenItems], newItems: NewItems) async -> [[RankedPlace]] {
        let known: [[RankedItem]]
        let new: [[RankedItem]]
        if let index {
            let queries = prepared.queries(histories: histories)
            known = await index.best(count, forEach: queries, excluding: seen.map(\.known))
            new = newItems.items.isEmpty ? [] : await newItems.index?.best(count, forEach: queries, excluding: seen.map(\.new)) ?? []
        } else {
            (known, new) = scored(histories, count: count, seen: seen, newItems: newItems)
        }
        return known.indices.map { row in
            let all = known[row].map { RankedPlace(place: .known($0.item), score: $0.score) }
                + (new.isEmpty ? [] : new[row].map { RankedPlace(place: .new($0.item), score: $0.score) })
            // Both lists are in order, and a stable order keeps the catalog's items before new ones of the same score.
            return Array(all.enumerated().sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }.map(\.element).prefix(count))
        }
    }

    /// Histories scored at once by models without item vectors, so that memory does not grow with their number.
    private static let rows = 64

    /// The ranking of a model that scores every item itself.
    private func scored(
        _ histories: [ArraySlice<Int32>], count: Int, seen: [SeenItems], newItems: NewItems
    ) -> (known: [[RankedItem]], new: [[RankedItem]]) {
        var (known, new): ([[RankedItem]], [[RankedItem]]) = ([], [])
        let V = catalog.count
        for start in stride(from: 0, to: histories.count, by: Self.rows) {
            let chunk = start..<min(start + Self.rows, histories.count)
            let scores = prepared.scores(histories: Array(histories[chunk]))
            for row in chunk {
                let own = scores[(row - start) * V..<(row - start + 1) * V]
                known.append(Self.best(count, of: own, excluding: seen[row].known))
                if newItems.items.isEmpty { continue }
                new.append(Self.best(count, of: newItems.mixtures.map { $0.score(own) }[...], excluding: seen[row].new))
            }
        }
        return (known, new)
    }

    /// The indices of the highest scores, highest first; equal scores in order.
    private static func best(_ count: Int, of scores: ArraySlice<Float>, excluding seen: [Int32]) -> [RankedItem] {
        var best = BestRows(capacity: min(count, scores.count), excluding: seen)
        scores.withUnsafeBufferPointer { scores in
            if let start = scores.baseAddress { best.offer(0..<scores.count, scores: start) }
        }
        return best.ranked.map { RankedItem(item: $0.row, score: $0.score) }
    }
}
