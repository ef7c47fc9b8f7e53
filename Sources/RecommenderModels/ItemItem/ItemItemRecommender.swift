internal import Tensors

/// Scores that are sums over the different items of the history of one row each of a dense V × V matrix.
struct ItemItemRecommender: PreparedRecommender {
    let itemCount: Int
    /// V × V, row-major: row i is what item i adds to the scores.
    let weights: [Float]

    var itemVectors: ItemVectors? { nil }
    func queries(histories: [ArraySlice<Int32>]) -> [Float] { [] }

    func scores(histories: [ArraySlice<Int32>]) -> [Float] {
        var out = [Float](repeating: 0, count: histories.count * itemCount)
        out.withUnsafeMutableBufferPointer { out in
            weights.withUnsafeBufferPointer { weights in
                guard let target = out.baseAddress, let rows = weights.baseAddress else { return }
                for (index, history) in histories.enumerated() {
                    for item in distinctItems(history) {
                        Kernels.add(rows + Int(item) * itemCount, to: target + index * itemCount, count: itemCount)
                    }
                }
            }
        }
        return out
    }
}
