internal import Tensors

extension GRU4Rec {
    /// Histories read at once; the rest wait, so that memory does not grow with B.
    private static let chunk = 64

    public func scores(_ parameters: [Float], histories: [ArraySlice<Int32>]) -> [Float] {
        precondition(parameters.count == layout.count, "\(parameters.count) parameters do not fill a layout of \(layout.count)")
        let V = itemCount
        var scratch = ScratchMemory()
        return [Float](unsafeUninitializedCapacity: histories.count * V) { out, initialized in
            for start in stride(from: 0, to: histories.count, by: Self.chunk) {
                let end = min(start + Self.chunk, histories.count)
                let batch = PackedBatch(reading: histories[start..<end].map { $0.suffix(Self.historyLimit) })
                score(parameters, batch: batch, rows: end - start, into: out.baseAddress! + start * V, scratch: &scratch)
            }
            initialized = histories.count * V
        }
    }

    /// - Parameter out: rows × V.
    private func score(
        _ parameters: [Float], batch: PackedBatch, rows: Int, into out: UnsafeMutablePointer<Float>, scratch: inout ScratchMemory
    ) {
        let (N, V, D, H, W) = (batch.positionCount, itemCount, embeddingWidth, stateWidth, scoredWidth)
        let recurrence = configuration.layers * RecurrentPass.scratchCount(positions: N, width: H) + batch.order.count * 3 * H
        scratch.withArena(of: N * D + recurrence + rows * (H + D)) { arena in
            parameters.withUnsafeBufferPointer { buffer in
                let parameters = buffer.baseAddress!
                let final = arena.takeZeros(rows * H)
                if N > 0 {
                    var inputs = arena.take(N * D)
                    batch.inputs.withUnsafeBufferPointer { gather($0, from: parameters + places.embedding, width: D, into: inputs) }
                    let products = arena.take(batch.order.count * 3 * H)
                    for layer in places.layers {
                        inputs = recur(layer, parameters, batch: batch, inputs: inputs, products: products, arena: &arena).states
                    }
                    // Rows that the next step lacks end here.
                    for step in 0..<batch.stepCount {
                        let next = step + 1 < batch.stepCount ? batch.counts[step + 1] : 0
                        for row in next..<batch.counts[step] {
                            (final + batch.order[row] * H).update(from: inputs + (batch.offsets[step] + row) * H, count: H)
                        }
                    }
                }
                let scored = project(final, parameters, rows: rows, arena: &arena)
                BLAS.multiply(scored, transposed: parameters + places.output, into: out, rows: rows, inner: W, columns: V)
                Kernels.addBias(parameters + places.outputBias, toRowsOf: out, rows: rows, width: V)
            }
        }
    }
}
