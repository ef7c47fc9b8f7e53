internal import Tensors

extension ExactIndex {
    /// Items multiplied with the queries at once: with 64 values each, a quarter of a megabyte.
    private static let block = 1024
    /// Queries multiplied at once.
    private static let panel = 128
    /// Below this many queries one pass for each is sooner done.
    private static let smallestBatch = 4
    /// A matrix product and the product of two vectors round differently. So many more items than asked for are kept by the one and
    /// put in order by the other, so that a query has the same answer alone and in a batch.
    private static let margin = 16

    public func best(_ count: Int, forEach queries: [Float], excluding excluded: [[Int32]]) async -> [[RankedItem]] {
        precondition(count >= 1 && queries.count == excluded.count * items.width, "at least one item, and a list of exclusions for every query")
        var answers: [[RankedItem]] = []
        answers.reserveCapacity(excluded.count)
        let items = items
        let D = items.width
        if excluded.count < Self.smallestBatch {
            for (row, list) in excluded.enumerated() { answers.append(await best(count, for: Array(queries[row * D..<(row + 1) * D]), excluding: list)) }
            return answers
        }
        for start in stride(from: 0, to: excluded.count, by: Self.panel) {
            let rows = start..<min(start + Self.panel, excluded.count)
            let panel = Array(queries[rows.lowerBound * D..<rows.upperBound * D])
            let empty = rows.map { BestRows(capacity: min(count + Self.margin, max(1, items.count)), excluding: excluded[$0]) }
            let best = await scan(unit: Self.block) { Self.offer($0, of: items, to: empty, queries: panel) }
            for (row, list) in best.enumerated() { answers.append(rescored(list, query: panel[row * D..<(row + 1) * D], count: count)) }
        }
        return answers
    }

    private static func offer(_ range: Range<Int>, of items: ItemVectors, to lists: [BestRows], queries: [Float]) -> [BestRows] {
        var lists = lists
        var scratch = ScratchMemory()
        scratch.withArena(of: lists.count * block) { arena in
            let scores = arena.take(lists.count * block)
            for start in stride(from: range.lowerBound, to: range.upperBound, by: block) {
                let rows = start..<min(start + block, range.upperBound)
                items.vectors.withUnsafeBufferPointer { vectors in
                    guard let table = vectors.baseAddress else { return }
                    BLAS.multiply(
                        queries, transposed: table + start * items.width, into: scores, rows: lists.count, inner: items.width, columns: rows.count)
                }
                for row in lists.indices { lists[row].offer(rows, scores: scores + row * rows.count, biases: items.biases) }
            }
        }
        return lists
    }

    /// The best of the kept items by the scores that a single query gives them.
    private func rescored(_ list: BestRows, query: ArraySlice<Float>, count: Int) -> [RankedItem] {
        let query = Array(query)
        let scored = list.ranked.map { RankedItem(item: $0.row, score: items.score(of: Int($0.row), for: query)) }
        return Array(scored.sorted { ($1.score, $0.item) < ($0.score, $1.item) }.prefix(count))
    }
}
