/// Scores that are sums over the different items of the history of one row each of a sparse V × V matrix.
struct SparseItemItemRecommender: PreparedRecommender {
    let itemCount: Int
    /// Where each row starts in `columns` and `weights`, V + 1 values.
    private let starts: [Int]
    private let columns: [Int32]
    private let weights: [Float]

    /// - Parameter links: an event with item `from` adds `weight` to the score of item `to`.
    init(itemCount: Int, links: [(from: Int32, to: Int32, weight: Float)]) {
        var starts = [Int](repeating: 0, count: itemCount + 1)
        for link in links { starts[Int(link.from) + 1] += 1 }
        for row in 0..<itemCount { starts[row + 1] += starts[row] }
        var next = starts
        var columns = [Int32](repeating: 0, count: links.count)
        var weights = [Float](repeating: 0, count: links.count)
        for link in links {
            let place = next[Int(link.from)]
            columns[place] = link.to
            weights[place] = link.weight
            next[Int(link.from)] += 1
        }
        self.itemCount = itemCount
        self.starts = starts
        self.columns = columns
        self.weights = weights
    }

    var itemVectors: ItemVectors? { nil }
    func queries(histories: [ArraySlice<Int32>]) -> [Float] { [] }

    func scores(histories: [ArraySlice<Int32>]) -> [Float] {
        var out = [Float](repeating: 0, count: histories.count * itemCount)
        out.withUnsafeMutableBufferPointer { out in
            for (index, history) in histories.enumerated() {
                for item in distinctItems(history) {
                    for place in starts[Int(item)]..<starts[Int(item) + 1] { out[index * itemCount + Int(columns[place])] += weights[place] }
                }
            }
        }
        return out
    }
}
