internal import Tensors

extension SASRec: QueryRecommender {
    /// The last block computes queries, and everything behind the attention, for the last position of each history only: no
    /// other one is scored.
    func queries(
        _ parameters: UnsafePointer<Float>, histories: ArraySlice<ArraySlice<Int32>>, scratch: inout ScratchMemory,
        into out: UnsafeMutablePointer<Float>
    ) {
        let D = width
        let lengths = histories.map { min($0.count, configuration.maximumLength) }
        out.update(repeating: 0, count: histories.count * D)
        if lengths.allSatisfy({ $0 == 0 }) { return }
        scratch.withArena(of: queryScratch(lengths: lengths) + histories.count * D) { arena in
            // An empty history keeps the query 0: what follows is about the others, in order.
            let queries = arena.take(histories.count * D)
            readLast(parameters, histories, into: queries, arena: &arena)
            var sequence = 0
            for (row, length) in lengths.enumerated() where length > 0 {
                (out + row * D).update(from: queries + sequence * D, count: D)
                sequence += 1
            }
        }
    }

    /// Floats `readLast` takes from the arena.
    /// - Parameter lengths: of the histories as far as they are read.
    func queryScratch(lengths: [Int]) -> Int {
        let (D, F) = (width, configuration.feedForwardDimension)
        let (N, B, longest) = (lengths.reduce(0, +), lengths.count, lengths.max() ?? 0)
        return RaggedBatch.scratchCount(sequences: B, positions: N) + N * (8 * D + 2 * F + 2)
            + configuration.heads * N * longest + SequenceAttention.tileCount(longest: longest) + B * (8 * D + 2 * F + 2)
    }

    /// What the blocks make of the last position of each history that is not empty.
    /// - Parameter out: a row of D for each of them, in order.
    func readLast(
        _ parameters: UnsafePointer<Float>, _ histories: ArraySlice<ArraySlice<Int32>>, into out: UnsafeMutablePointer<Float>,
        arena: inout ScratchArena
    ) {
        let batch = RaggedBatch(
            histories, hasTargets: false, limit: configuration.maximumLength, order: configuration.positions, arena: &arena)
        let x = arena.take(batch.positionCount * width)
        embed(parameters, batch, dropout: .none, into: x)
        encode(parameters, batch, x, arena: &arena)
        readLast(parameters, batch, x, into: out, arena: &arena)
    }

    /// All blocks but the last, in place.
    /// - Parameter x: N × D.
    private func encode(_ parameters: UnsafePointer<Float>, _ batch: RaggedBatch, _ x: UnsafeMutablePointer<Float>, arena: inout ScratchArena) {
        if places.blocks.count < 2 { return }
        var arena = arena
        let (N, D, F) = (batch.positionCount, width, configuration.feedForwardDimension)
        let attention = self.attention(.none)
        let statistics = arena.take(2 * N)
        let normed = arena.take(N * D)
        let projected = arena.take(3 * N * D)
        let shares = arena.take(attention.shareCount(batch))
        let attended = arena.take(N * D)
        let inner = arena.take(N * F)
        let activated = configuration.activation == .relu ? inner : arena.take(N * F)
        let spare = arena.take(max(N * D, SequenceAttention.tileCount(longest: batch.longest)))
        for block in places.blocks.dropLast() {
            normalize(parameters, block.attentionNorm, x, into: normed, statistics: statistics, rows: N)
            project(parameters, block, x, normed: normed, into: projected, rows: N)
            attention.forward(batch, projected: projected, shares: shares, attended: attended, spare: spare)
            apply(parameters, block.output, attended, into: spare, rows: N)
            if configuration.residual == .normalized { x.update(from: normed, count: N * D) }
            Kernels.add(spare, to: x, count: N * D)
            Kernels.addBias(parameters + block.output.bias, toRowsOf: x, rows: N, width: D)
            normalize(parameters, block.feedForwardNorm, x, into: normed, statistics: statistics, rows: N)
            finish(parameters, block, normed, inner: inner, activated: activated, spare: spare, addingTo: x, rows: N)
        }
    }

    /// The last block and the last normalisation at the last position of each sequence.
    /// - Parameter out: B × D.
    private func readLast(
        _ parameters: UnsafePointer<Float>, _ batch: RaggedBatch, _ x: UnsafeMutablePointer<Float>, into out: UnsafeMutablePointer<Float>,
        arena: inout ScratchArena
    ) {
        guard let block = places.blocks.last else { return }
        let (N, B, D, F, heads) = (batch.positionCount, batch.sequenceCount, width, configuration.feedForwardDimension, configuration.heads)
        let headWidth = D / heads
        let statistics = arena.take(2 * N)
        let normed = arena.take(N * D)
        let keys = arena.take(2 * N * D)
        let last = arena.take(B * D)
        let lastNormed = arena.take(B * D)
        let queries = arena.take(B * D)
        let attended = arena.take(B * D)
        let shares = arena.take(batch.longest)
        let inner = arena.take(B * F)
        let activated = configuration.activation == .relu ? inner : arena.take(B * F)
        let spare = arena.take(B * D)
        normalize(parameters, block.attentionNorm, x, into: normed, statistics: statistics, rows: N)
        let weights = parameters + block.projections.weights
        let bias = parameters + block.projections.bias
        BLAS.multiply(configuration.residual == .inputs ? normed : x, transposed: weights + D * D, into: keys, rows: N, inner: D, columns: 2 * D)
        Kernels.addBias(bias + D, toRowsOf: keys, rows: N, width: 2 * D)
        for sequence in 0..<B {
            let position = batch.range(sequence).upperBound - 1
            (last + sequence * D).update(from: residual(x, normed: normed) + position * D, count: D)
            (lastNormed + sequence * D).update(from: normed + position * D, count: D)
        }
        BLAS.multiply(lastNormed, transposed: weights, into: queries, rows: B, inner: D, columns: D)
        Kernels.addBias(bias, toRowsOf: queries, rows: B, width: D)
        for sequence in 0..<B {
            let positions = batch.range(sequence)
            for head in 0..<heads {
                let key = keys + positions.lowerBound * 2 * D + head * headWidth
                BLAS.multiply(
                    BLAS.Strided(queries + sequence * D + head * headWidth, stride: D), transposed: BLAS.Strided(key, stride: 2 * D),
                    into: BLAS.Strided(shares, stride: positions.count), rows: 1, inner: headWidth, columns: positions.count)
                Kernels.causalSoftmax(
                    shares, rows: 1, columns: positions.count, first: positions.count - 1, scale: 1 / Float(headWidth).squareRoot())
                BLAS.multiply(
                    BLAS.Strided(shares, stride: positions.count), BLAS.Strided(key + D, stride: 2 * D),
                    into: BLAS.Strided(attended + sequence * D + head * headWidth, stride: D), rows: 1, inner: positions.count,
                    columns: headWidth)
            }
        }
        apply(parameters, block.output, attended, into: spare, rows: B)
        Kernels.add(spare, to: last, count: B * D)
        Kernels.addBias(parameters + block.output.bias, toRowsOf: last, rows: B, width: D)
        normalize(parameters, block.feedForwardNorm, last, into: lastNormed, statistics: statistics, rows: B)
        finish(parameters, block, lastNormed, inner: inner, activated: activated, spare: spare, addingTo: last, rows: B)
        normalize(parameters, places.lastNorm, last, into: out, statistics: statistics, rows: B)
    }

    /// x ← x + W₂ φ(W₁ n + b₁) + b₂, or n + … .
    private func finish(
        _ parameters: UnsafePointer<Float>, _ block: Places.Block, _ normed: UnsafeMutablePointer<Float>,
        inner: UnsafeMutablePointer<Float>, activated: UnsafeMutablePointer<Float>, spare: UnsafeMutablePointer<Float>,
        addingTo x: UnsafeMutablePointer<Float>, rows: Int
    ) {
        let F = configuration.feedForwardDimension
        if configuration.residual == .normalized { x.update(from: normed, count: rows * width) }
        apply(parameters, block.inner, normed, into: inner, rows: rows)
        switch configuration.activation {
        case .relu: Kernels.relu(inner, bias: parameters + block.inner.bias, rows: rows, width: F, .none)
        case .gelu: Kernels.gelu(inner, bias: parameters + block.inner.bias, into: activated, rows: rows, width: F, .none)
        }
        apply(parameters, block.outer, activated, into: spare, rows: rows)
        Kernels.add(spare, to: x, count: rows * width)
        Kernels.addBias(parameters + block.outer.bias, toRowsOf: x, rows: rows, width: width)
    }
}
