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
        popularityRow = popularity.scores(histories: [[]])
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
        var scores = Array(repeating: Float(0), count: successors.count)
        let behind = popularityRow.max() ?? 0
        for item in 0..<itemCount {
            let range = starts[item]..<starts[item + 1]
            let keys = range.map { Key(count: counts[$0], popularity: popularity.counts[Int(successors[$0])]) }
            for (index, level) in zip(range, DenseLevels.levels(keys)) { scores[index] = behind + 1 + Float(level) }
        }
        self.starts = starts
        self.successors = successors
        self.successorScores = scores
    }

    private struct Key: Comparable, Hashable {
        var count: Int
        var popularity: Int

        static func < (left: Key, right: Key) -> Bool { (left.count, left.popularity) < (right.count, right.popularity) }
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
