/// Scores every item by how often it occurs in the training part, whoever asks.
public struct PopularityBaseline: SequenceScorer {
    /// Events of each item in the training part.
    public let counts: [Int]
    private let row: [Float]

    /// - Parameters:
    ///   - items: the items of all training events.
    ///   - itemCount: V.
    public init(items: [Int32], itemCount: Int) {
        var counts = Array(repeating: 0, count: itemCount)
        for item in items { counts[Int(item)] += 1 }
        self.counts = counts
        row = DenseLevels.levels(counts).map { Float($0) }
    }

    public var itemCount: Int { counts.count }

    public func scores(histories: [ArraySlice<Int32>]) -> [Float] {
        var scores: [Float] = []
        scores.reserveCapacity(histories.count * row.count)
        for _ in histories { scores.append(contentsOf: row) }
        return scores
    }
}

/// Numbers replaced by the rank of their value, so that order and ties survive in a `Float`.
enum DenseLevels {
    /// 0 for the smallest value, 1 for the next different one, and so on.
    static func levels<Value: Comparable & Hashable>(_ values: [Value]) -> [Int] {
        let distinct = Set(values).sorted()
        let level = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, $0) })
        return values.map { level[$0] ?? 0 }
    }
}
