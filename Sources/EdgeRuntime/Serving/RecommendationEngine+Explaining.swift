internal import Interactions
internal import RecommenderModels

extension RecommendationEngine {
    /// How many events, the most recent ones, are tried when a recommendation is explained.
    static let explainedEvents = 30

    /// For each item the event whose absence lowers its score most, found by asking the model once without each event.
    func explanations(of items: [RankedPlace], history: [Int32], newItems: NewItems) -> [ItemPlace: Reason] {
        let positions = history.indices.suffix(Self.explainedEvents)
        guard !positions.isEmpty, !items.isEmpty else { return [:] }
        let shortened = positions.map { position in (history[..<position] + history[(position + 1)...])[...] }
        // Whole history first.
        let scores = scores(of: items.map(\.place), histories: [history[...]] + shortened, newItems: newItems)
        var reasons: [ItemPlace: Reason] = [:]
        for (column, item) in items.enumerated() {
            var best: (position: Int, gain: Float)?
            for (row, position) in positions.enumerated() {
                let gain = scores[column] - scores[(row + 1) * items.count + column]
                if gain > best?.gain ?? 0 { best = (position, gain) }
            }
            if let best {
                let cause = catalog.items[Int(history[best.position])]
                reasons[item.place] = Reason(item: cause.id, title: cause.title, gain: best.gain)
            }
        }
        return reasons
    }

    /// The scores of a few items after each history, row-major histories × items.
    private func scores(of places: [ItemPlace], histories: [ArraySlice<Int32>], newItems: NewItems) -> [Float] {
        guard let index else {
            let scores = prepared.scores(histories: histories)
            return histories.indices.flatMap { row in
                let own = scores[row * catalog.count..<(row + 1) * catalog.count]
                return places.map { place in
                    switch place {
                    case .known(let item): own[own.startIndex + Int(item)]
                    case .new(let item): newItems.mixtures[Int(item)].score(own)
                    }
                }
            }
        }
        let (D, items) = (index.items.width, index.items)
        let queries = prepared.queries(histories: histories)
        return histories.indices.flatMap { row in
            let query = Array(queries[row * D..<(row + 1) * D])
            return places.map { place in
                switch place {
                case .known(let item): items.score(of: Int(item), for: query)
                case .new(let item): newItems.index?.items.score(of: Int(item), for: query) ?? 0
                }
            }
        }
    }
}
