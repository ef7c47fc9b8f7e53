internal import Tensors

#if canImport(Darwin)
internal import Darwin
#else
internal import Glibc
#endif

extension ItemTransitions {
    public func prepared(_ parameters: [Float]) -> any PreparedRecommender {
        precondition(parameters.count == layout.count, "\(parameters.count) parameters do not fill a layout of \(layout.count)")
        let V = itemCount
        let least = configuration.threshold * Self.noiseDeviation(parameters)
        var rows: [[(to: Int32, weight: Float)]] = []
        rows.reserveCapacity(V)
        for item in 0..<V {
            var row: [(to: Int32, weight: Float)] = []
            for other in 0..<V where other != item {
                let cell = parameters[place(item, other)]
                if cell > least, cell > 0, cell.isFinite { row.append((Int32(other), cell)) }
            }
            let divisor = powf(row.reduce(0) { $0 + $1.weight }, configuration.rowExponent)
            if divisor > 0, divisor.isFinite {
                for index in row.indices { row[index].weight /= divisor }
            }
            rows.append(row)
        }
        return RecentItemsRecommender(
            rows: rows, popularity: (0..<V).map { max(0, parameters[place($0, $0)]) }, recentEvents: configuration.recentEvents,
            recency: configuration.recency)
    }

    /// The standard deviation of noise on a matrix most of whose cells are otherwise empty; 0 without noise.
    static func noiseDeviation(_ cells: [Float]) -> Float {
        // A few hundred thousand cells give it to a per mille.
        let step = max(1, cells.count / 400_000)
        var sample = stride(from: 0, to: cells.count, by: step).map { abs(cells[$0]) }
        sample.sort()
        return sample.isEmpty ? 0 : sample[sample.count / 2] / 0.674_489_75
    }
}

/// Scores that are sums of sparse rows over the most recent events, each event back counting less, with popularity behind.
struct RecentItemsRecommender: PreparedRecommender {
    let itemCount: Int
    private let starts: [Int]
    private let columns: [Int32]
    private let weights: [Float]
    /// What popularity adds to the scores: less than any difference that transitions make.
    private let floor: [Float]
    private let recentEvents: Int
    private let recency: Float

    init(rows: [[(to: Int32, weight: Float)]], popularity: [Float], recentEvents: Int, recency: Float) {
        itemCount = rows.count
        starts = rows.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
        columns = rows.flatMap { $0.map(\.to) }
        weights = rows.flatMap { $0.map(\.weight) }
        self.recentEvents = recentEvents
        self.recency = recency
        let least = weights.min() ?? 1
        let most = popularity.max() ?? 0
        floor = most > 0 && most.isFinite ? popularity.map { $0 / most * least * 1e-3 } : popularity.map { _ in 0 }
    }

    var itemVectors: ItemVectors? { nil }
    func queries(histories: [ArraySlice<Int32>]) -> [Float] { [] }

    func scores(histories: [ArraySlice<Int32>]) -> [Float] {
        var out: [Float] = []
        out.reserveCapacity(histories.count * itemCount)
        for _ in histories { out += floor }
        out.withUnsafeMutableBufferPointer { out in
            for (index, history) in histories.enumerated() {
                var weight: Float = 1
                for item in history.suffix(recentEvents).reversed() {
                    for cell in starts[Int(item)]..<starts[Int(item) + 1] { out[index * itemCount + Int(columns[cell])] += weight * weights[cell] }
                    weight *= recency
                }
            }
        }
        return out
    }
}
