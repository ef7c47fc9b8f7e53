internal import RecommenderModels

/// Top-10 searches, one query after the other: what a person waits for.
struct SearchContender<Index: ItemIndex>: Contender {
    private let index: Index
    private let queries: [[Float]]
    private let exact: [[Int32]]
    private var found: [[Int32]] = []

    /// - Parameter index: over the workload's items.
    init(_ index: Index, workload: VectorWorkload, workers: Int) async {
        self.index = index
        queries = (0..<workload.queryCount).map { Array(workload.queries[$0 * workload.width..<($0 + 1) * workload.width]) }
        let reference = ExactIndex(index.items, workers: workers)
        var exact: [[Int32]] = []
        for query in queries { exact.append(await reference.best(10, for: query).map(\.item)) }
        self.exact = exact
    }

    mutating func repetition() async throws -> Repetition {
        let clock = ContinuousClock()
        var latencies: [Double] = []
        found = []
        for query in queries {
            let start = clock.now
            let best = await index.best(10, for: query, excluding: [])
            latencies.append((clock.now - start).inSeconds)
            found.append(best.map(\.item))
        }
        return Repetition(units: Double(queries.count), latencies: latencies)
    }

    mutating func finish() async throws -> [String: Double] {
        let hits = zip(found, exact).reduce(0) { $0 + Set($1.0).intersection($1.1).count }
        return ["recall@10": Double(hits) / Double(max(1, 10 * queries.count))]
    }
}
