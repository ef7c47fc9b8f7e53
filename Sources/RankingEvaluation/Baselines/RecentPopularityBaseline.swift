/// Scores items by how often they occur in the training part during a period that ends at the case's own moment; items that do not
/// come behind, in order of their popularity in the whole training part. Nothing of what happened later plays a part in a period.
///
/// A floor wherever there are time stamps: under a split by time it often beats trained models.
public struct RecentPopularityBaseline: SequenceScorer {
    private let items: [Int32]
    private let times: [Int64]
    /// Length of the period, milliseconds.
    private let period: Int64
    private let popularityRow: [Float]

    /// - Parameters:
    ///   - items: of all training events.
    ///   - times: of the same events, milliseconds.
    ///   - itemCount: V.
    ///   - days: length of the period; above 0.
    public init(items: [Int32], times: [Int64], itemCount: Int, days: Double = 7) {
        precondition(items.count == times.count, "every training event needs a time")
        precondition(days > 0 && days < 1e9, "the period must be longer than nothing")
        let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
        self.items = order.map { items[$0] }
        self.times = order.map { times[$0] }
        period = Int64(days * 86_400_000)
        popularityRow = PopularityBaseline(items: items, itemCount: itemCount).scores(histories: [[]])
    }

    public var itemCount: Int { popularityRow.count }

    /// At the end of the training part.
    public func scores(histories: [ArraySlice<Int32>]) -> [Float] {
        let row = row(at: times.last.map { $0 + 1 })
        return histories.flatMap { _ in row }
    }

    public func scores(cases: ArraySlice<EvaluationCase>) -> [Float] {
        var scores: [Float] = []
        scores.reserveCapacity(cases.count * itemCount)
        for one in cases { scores.append(contentsOf: row(at: one.moment ?? times.last.map { $0 + 1 })) }
        return scores
    }

    /// - Parameter moment: the end of the period, itself not included.
    private func row(at moment: Int64?) -> [Float] {
        guard let moment else { return popularityRow }
        var counts: [Int32: Int] = [:]
        for index in firstIndex(from: moment - period)..<firstIndex(from: moment) { counts[items[index], default: 0] += 1 }
        // Float holds whole numbers to 2²⁴ exactly: levels, not counts, so that popularity can break ties.
        let recent = counts.keys.sorted { ($0) < ($1) }
        let keys = recent.map { Key(count: counts[$0] ?? 0, popularity: popularityRow[Int($0)]) }
        var row = popularityRow
        let behind = popularityRow.max() ?? 0
        for (item, level) in zip(recent, DenseLevels.levels(keys)) { row[Int(item)] = behind + 1 + Float(level) }
        return row
    }

    private struct Key: Comparable, Hashable {
        var count: Int
        var popularity: Float
        static func < (left: Key, right: Key) -> Bool { (left.count, left.popularity) < (right.count, right.popularity) }
    }

    /// The first event at or after the moment.
    private func firstIndex(from moment: Int64) -> Int {
        var (low, high) = (0, times.count)
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < moment { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
