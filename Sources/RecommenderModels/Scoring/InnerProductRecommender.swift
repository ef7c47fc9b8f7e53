internal import Tensors

/// Scores that are products of one query a history and one vector an item.
struct InnerProductRecommender: PreparedRecommender {
    let items: ItemVectors
    /// Writes the D values of a history's query; the place holds zeros before.
    let query: @Sendable (ArraySlice<Int32>, UnsafeMutablePointer<Float>) -> Void

    var itemCount: Int { items.vectors.count / items.width }
    var itemVectors: ItemVectors? { items }

    func queries(histories: [ArraySlice<Int32>]) -> [Float] {
        var out = [Float](repeating: 0, count: histories.count * items.width)
        out.withUnsafeMutableBufferPointer { out in
            guard let start = out.baseAddress else { return }
            for (row, history) in histories.enumerated() { query(history, start + row * items.width) }
        }
        return out
    }

    func scores(histories: [ArraySlice<Int32>]) -> [Float] {
        let (B, V) = (histories.count, itemCount)
        let queries = queries(histories: histories)
        return [Float](unsafeUninitializedCapacity: B * V) { out, initialized in
            if let start = out.baseAddress, B > 0 {
                BLAS.multiply(queries, transposed: items.vectors, into: start, rows: B, inner: items.width, columns: V)
                if !items.biases.isEmpty { Kernels.addBias(items.biases, toRowsOf: start, rows: B, width: V) }
            }
            initialized = B * V
        }
    }
}
