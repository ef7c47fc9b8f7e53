internal import Tensors

extension SequenceHead {
    /// Scores, softmax and both products of one block of positions before the next, so that the scores never leave the cache.
    func crossEntropy(
        _ parameters: UnsafePointer<Float>, targets: UnsafeBufferPointer<Int32>, scored: UnsafePointer<Float>, weight: Float,
        scoredGradients: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, arena: inout ScratchArena
    ) -> Double {
        let (N, V, W) = (targets.count, itemCount, width)
        let blockRows = Self.blockRows(V)
        let scores = arena.take(blockRows * V)
        var loss = 0.0
        for start in stride(from: 0, to: N, by: blockRows) {
            let rows = min(blockRows, N - start)
            let block = scored + start * W
            BLAS.multiply(block, transposed: parameters + vectors, into: scores, rows: rows, inner: W, columns: V)
            loss += Kernels.crossEntropy(
                scores: scores, rows: rows, items: V, bias: biases.map { parameters + $0 }, biasGradient: biases.map { gradient + $0 },
                targets: targets.baseAddress! + start, weight: weight)
            BLAS.multiply(scores, parameters + vectors, into: scoredGradients + start * W, rows: rows, inner: V, columns: W)
            BLAS.multiply(transposed: scores, block, into: gradient + vectors, rows: V, inner: rows, columns: W, accumulating: true)
        }
        return loss
    }
}
