internal import Tensors

/// Finds the best items by scoring all of them: one pass over the vectors, at the speed at which memory can be read.
///
/// Answers do not depend on the number of workers: every item's score is computed in the same way wherever the pass is divided, and
/// the order of items with equal scores is fixed.
public struct ExactIndex: ItemIndex {
    public let items: ItemVectors
    /// Tasks that scan at the same time.
    public let workers: Int

    /// Fewer values than this per task are scanned sooner than a task is started.
    private static let smallestShare = 1 << 18

    /// - Parameter workers: ≥ 1; usually the number of cores.
    public init(_ items: ItemVectors, workers: Int) {
        precondition(workers >= 1, "at least one worker")
        self.items = items
        self.workers = workers
    }

    public func best(_ count: Int, for query: [Float], excluding excluded: [Int32] = []) async -> [RankedItem] {
        precondition(count >= 1 && query.count == items.width, "at least one item, and a query as wide as the items' vectors")
        let empty = BestRows(capacity: min(count, max(1, items.count)), excluding: excluded)
        let items = items
        let best = await scan(unit: 1) { range in
            var best = [empty]
            best[0].offer(range, of: items.vectors, width: items.width, biases: items.biases, query: query)
            return best
        }
        return best[0].ranked.map { RankedItem(item: $0.row, score: $0.score) }
    }

    /// Runs `part` over shares of the items, whole multiples of `unit`, and merges what the shares kept.
    func scan(unit: Int, _ part: @escaping @Sendable (Range<Int>) -> [BestRows]) async -> [BestRows] {
        let units = (items.count + unit - 1) / unit
        let shares = max(1, min(workers, units, items.vectors.count / Self.smallestShare))
        let ranges = (0..<shares).map { min(units * $0 / shares * unit, items.count)..<min(units * ($0 + 1) / shares * unit, items.count) }
        if shares == 1 { return part(ranges[0]) }
        return await withTaskGroup(of: [BestRows].self) { group in
            for range in ranges.dropFirst() { group.addTask { part(range) } }
            // This task is one of the workers.
            var best = part(ranges[0])
            for await others in group {
                for (place, other) in others.enumerated() { best[place].merge(other) }
            }
            return best
        }
    }
}
