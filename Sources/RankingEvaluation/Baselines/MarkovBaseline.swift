/// First-order Markov chain with popularity back-off: after an item, what followed it most often in the training part comes
/// first, equal counts in order of popularity; what never followed it comes behind, in order of popularity.
public struct MarkovBaseline: SequenceScorer {
    private let popularityRow: [Float]
    /// Successors of item i are at starts[i] ..< starts[i + 1].
    private let starts: [Int]
    private let successors: [Int32]
    private let successorScores: [Float]

    /// - Parameters:
    ///   - items: the items of all training events, one user after the other, each user's oldest first.
    ///   - offsets: where each user's events start, and the end: users + 1 entries.
    ///   - itemCount: V.
    public init(items: [Int32], offsets: [Int], itemCount: Int) {
        let popularity = PopularityBaseline(items: items, itemCount: itemCount)
        let popularityRow = popularity.scores(histories: [[]])
        // Transitions sorted by (from, to), counted in runs.
        var pairs: [UInt64] = []
        pairs.reserveCapacity(items.count)
        for user in 0..<max(offsets.count - 1, 0) {
            for next in (offsets[user]..<offsets[user + 1]).dropFirst() {
                pairs.append(UInt64(UInt32(bitPattern: items[next - 1])) << 32 | UInt64(UInt32(bitPattern: items[next])))
            }
        }
        pairs.sort()
        var starts = Array(repeating: 0, count: itemCount + 1)
        var successors: [Int32] = []
        var counts: [Int] = []
        var previous: UInt64?
        for pair in pairs {
            if pair == previous {
                counts[counts.count - 1] += 1
            } else {
                successors.append(Int32(truncatingIfNeeded: pair))
                counts.append(1)
                starts[Int(pair >> 32) + 1] += 1
                previous = pair
            }
        }
        for item in 0..<itemCount { starts[item + 1] += starts[item] }
        let keys = zip(successors, counts).map { Key(weight: Double($1), popularity: popularityRow[Int($0)]) }
        self.init(starts: starts, successors: successors, keys: keys, popularityRow: popularityRow)
    }

    /// From transitions that were weighted elsewhere.
    /// - Parameters:
    ///   - rows: for each item what may follow it, each at most once, with its weight; larger is better.
    ///   - popularity: V numbers that order what does not, and equal weights.
    public init(rows: [[(item: Int32, weight: Double)]], popularity: [Double]) {
        precondition(rows.count == popularity.count, "every item has a row of successors and a popularity")
        let popularityRow = DenseLevels.levels(popularity).map { Float($0) }
        var starts = [0]
        for row in rows { starts.append(starts[starts.count - 1] + row.count) }
        let entries = rows.flatMap { $0 }
        self.init(
            starts: starts, successors: entries.map(\.item), keys: entries.map { Key(weight: $0.weight, popularity: popularityRow[Int($0.item)]) },
            popularityRow: popularityRow)
    }

    private init(starts: [Int], successors: [Int32], keys: [Key], popularityRow: [Float]) {
        var scores = Array(repeating: Float(0), count: successors.count)
        let behind = popularityRow.max() ?? 0
        for item in starts.indices.dropLast() {
            let range = starts[item]..<starts[item + 1]
            for (index, level) in zip(range, DenseLevels.levels(Array(keys[range]))) { scores[index] = behind + 1 + Float(level) }
        }
        self.starts = starts
        self.successors = successors
        self.popularityRow = popularityRow
        successorScores = scores
    }

    private struct Key: Comparable, Hashable {
        var weight: Double
        var popularity: Float

        static func < (left: Key, right: Key) -> Bool { (left.weight, left.popularity) < (right.weight, right.popularity) }
    }

    public var itemCount: Int { popularityRow.count }

    public func scores(histories: [ArraySlice<Int32>]) -> [Float] {
        var scores: [Float] = []
        scores.reserveCapacity(histories.count * itemCount)
        for history in histories {
            let row = scores.count
            scores.append(contentsOf: popularityRow)
            guard let last = history.last else { continue }
            for index in starts[Int(last)]..<starts[Int(last) + 1] { scores[row + Int(successors[index])] = successorScores[index] }
        }
        return scores
    }
}
