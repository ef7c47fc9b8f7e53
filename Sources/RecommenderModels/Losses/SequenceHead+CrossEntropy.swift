internal import Tensors

extension SequenceHead {
    /// Multiplications of one product of a tile. So small, and with no factor to transpose but the first, a product runs on its
    /// operands as they lie; larger ones are copied into packed form first.
    private static let tileWork = 960_000

    /// Floats `crossEntropy` takes from the arena.
    var crossEntropyScratch: Int { Kernels.softmaxColumns * (itemCount + 2 * width + 4) }

    /// Scores, softmax and products of one block of positions before the next, so that the scores never leave the cache.
    ///
    /// Scores have a row for each item and a column for each position. Exponentials are left as they are: normalising W numbers of
    /// a position is less work than normalising its V exponentials.
    /// - Parameter met: items that are no candidates; `nil` when all are.
    func crossEntropy(
        _ parameters: UnsafePointer<Float>, targets: UnsafeBufferPointer<Int32>, met: MetItems?, scored: UnsafePointer<Float>, weight: Float,
        scoredGradients: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, arena: inout ScratchArena
    ) -> Double {
        guard let firstTarget = targets.baseAddress else { return 0 }
        let (N, V, W, columns) = (targets.count, itemCount, width, Kernels.softmaxColumns)
        let scores = arena.take(columns * V)
        let turned = arena.take(columns * W)
        let scaled = arena.take(columns * W)
        let (largest, sums, factors, targetScores) = (arena.take(columns), arena.take(columns), arena.take(columns), arena.take(columns))
        let table = parameters + vectors
        let bias = biases.map { parameters + $0 }
        let biasGradients = biases.map { gradient + $0 }
        let tile = max(16, Self.tileWork / (columns * W))
        var loss = 0.0
        for start in stride(from: 0, to: N, by: columns) {
            let r = min(columns, N - start)
            let block = scored + start * W
            let blockGradients = scoredGradients + start * W
            Kernels.transpose(block, rows: r, columns: W, into: turned)
            largest.update(repeating: -.infinity, count: r)
            sums.update(repeating: 0, count: r)
            blockGradients.update(repeating: 0, count: r * W)
            for first in stride(from: 0, to: V, by: tile) {
                let n = min(tile, V - first)
                BLAS.multiply(table + first * W, turned, into: scores + first * r, rows: n, inner: W, columns: r)
                if met != nil { continue }
                Kernels.columnLargest(scores + first * r, items: n, positions: r, bias: bias.map { $0 + first }, largest: largest)
            }
            if let met {
                met.remove(from: scores, first: start, targets: firstTarget + start, count: r)
                Kernels.columnLargest(scores, items: V, positions: r, bias: bias, largest: largest)
            }
            Kernels.ownScores(
                firstTarget + start, count: 1, scored: block, vectors: table, biases: bias, into: targetScores, rows: r, width: W)
            for first in stride(from: 0, to: V, by: tile) {
                let n = min(tile, V - first)
                Kernels.columnExponentials(
                    scores + first * r, items: n, positions: r, bias: bias.map { $0 + first }, largest: largest, sums: sums)
                BLAS.multiply(
                    transposed: scores + first * r, table + first * W, into: blockGradients, rows: r, inner: n, columns: W, accumulating: true)
            }
            loss += Kernels.softmaxLosses(
                largest: largest, sums: sums, targetScores: targetScores, weight: weight, factors: factors, count: r)
            Kernels.softmaxFinish(
                factors: factors, targets: firstTarget + start, rows: r, width: W, weight: weight, scored: block, vectors: table,
                scaled: scaled, scoredGradients: blockGradients, vectorGradients: gradient + vectors, biasGradients: biasGradients)
            for first in stride(from: 0, to: V, by: tile) {
                let n = min(tile, V - first)
                BLAS.multiply(
                    scores + first * r, scaled, into: gradient + vectors + first * W, rows: n, inner: r, columns: W, accumulating: true)
            }
            if let biasGradients { Kernels.addRowProducts(of: scores, factors, rows: V, width: r, to: biasGradients) }
        }
        return loss
    }
}
