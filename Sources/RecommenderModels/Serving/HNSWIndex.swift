internal import Tensors

/// Finds most of the best items without scoring all of them, by walking a layered graph of near neighbours (Malkov and Yashunin 2018).
///
/// Neighbours are items with a large inner product, of (vector, bias − mean bias) with each other, as in Morozov and Babenko 2018
/// ("Non-metric similarity graphs for maximum inner product search"): links then lead to the long vectors, which are what queries look for.
/// Making distances of the products with one more coordinate (Bachrach et al. 2014) would give a metric, and found 0.80 instead of 0.99
/// of the ten best among 100,000 clustered vectors of lengths that differ by a factor of two, in the same time.
/// The graph is in memory only and is rebuilt for every model version, whose vectors all move.
///
/// Memory: a padded copy of the vectors and 8 M bytes an item for links, beside the vectors themselves.
public struct HNSWIndex: ItemIndex {
    public let items: ItemVectors
    public let configuration: HNSWConfiguration
    public let workers: Int
    let graph: NeighbourGraph
    /// The item of each node.
    let order: [Int32]

    /// Builds the graph, on as many tasks as there are workers; the graph does not depend on their number.
    /// - Parameter workers: ≥ 1.
    /// - Throws: ``ModelError`` when the configuration is out of range or a vector is not finite.
    public init(_ items: ItemVectors, configuration: HNSWConfiguration = HNSWConfiguration(), workers: Int) async throws {
        precondition(workers >= 1, "at least one worker")
        try configuration.validate()
        guard Kernels.isFinite(items.vectors), Kernels.isFinite(items.biases) else {
            throw ModelError("the item vectors hold values that are no finite numbers; the model cannot be indexed")
        }
        let layers = RandomLayers(count: items.count, links: configuration.links, seed: configuration.seed)
        var graph = NeighbourGraph(items, order: layers.order, counts: layers.counts, links: configuration.links)
        await graph.build(candidates: configuration.buildWidth, workers: workers)
        self.items = items
        self.configuration = configuration
        self.workers = workers
        self.graph = graph
        order = layers.order
    }

    /// The best items among those the walk finds. Excluded items are found as well and left out afterwards, so the walk keeps as many
    /// candidates more as there are exclusions.
    public func best(_ count: Int, for query: [Float], excluding excluded: [Int32] = []) async -> [RankedItem] {
        precondition(count >= 1 && query.count == items.width, "at least one item, and a query as wide as the items' vectors")
        var walk = GraphWalk()
        return best(count, for: query[...], excluding: excluded, walk: &walk)
    }

    public func best(_ count: Int, forEach queries: [Float], excluding excluded: [[Int32]]) async -> [[RankedItem]] {
        precondition(count >= 1 && queries.count == excluded.count * items.width, "at least one item, and a list of exclusions for every query")
        let (B, D, shares) = (excluded.count, items.width, min(workers, max(1, excluded.count)))
        return await withTaskGroup(of: (Int, [[RankedItem]]).self) { group in
            for share in 0..<shares {
                group.addTask {
                    var walk = GraphWalk()
                    let rows = B * share / shares..<B * (share + 1) / shares
                    return (share, rows.map { best(count, for: queries[$0 * D..<($0 + 1) * D], excluding: excluded[$0], walk: &walk) })
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
    }

    private func best(_ count: Int, for query: ArraySlice<Float>, excluding excluded: [Int32], walk: inout GraphWalk) -> [RankedItem] {
        let barred = Set(excluded.filter { (0..<Int32(items.count)).contains($0) })
        let width = max(configuration.searchWidth, count) + barred.count
        if width >= items.count { return scanned(count, for: Array(query), excluding: excluded) }
        graph.descend(to: 0, query: graph.padded(query, last: items.biases.isEmpty ? 0 : 1), width: width, walk: &walk)
        let query = Array(query)
        let scored = walk.found.nodes.compactMap { node -> RankedItem? in
            let item = order[Int(node)]
            return barred.contains(item) ? nil : RankedItem(item: item, score: items.score(of: Int(item), for: query))
        }
        // Links lead where products are large; in a table of odd vectors a walk may reach too few.
        if scored.count < min(count, items.count - barred.count) { return scanned(count, for: query, excluding: excluded) }
        return Array(scored.sorted { ($1.score, $0.item) < ($0.score, $1.item) }.prefix(count))
    }

    /// The answer of the exact search, where a walk would be no shorter.
    private func scanned(_ count: Int, for query: [Float], excluding excluded: [Int32]) -> [RankedItem] {
        var best = BestRows(capacity: min(count, max(1, items.count)), excluding: excluded)
        best.offer(0..<items.count, of: items.vectors, width: items.width, biases: items.biases, query: query)
        return best.ranked.map { RankedItem(item: $0.row, score: $0.score) }
    }
}
