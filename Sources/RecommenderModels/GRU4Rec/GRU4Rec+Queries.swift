internal import Tensors

extension GRU4Rec: QueryRecommender {
    /// The state after each history, projected when that is what is scored; of an empty history the state is 0.
    func queries(
        _ parameters: UnsafePointer<Float>, histories: ArraySlice<ArraySlice<Int32>>, scratch: inout ScratchMemory,
        into out: UnsafeMutablePointer<Float>
    ) {
        let batch = PackedBatch(reading: histories.map { $0.suffix(Self.historyLimit) })
        let (N, D, H, W, B) = (batch.positionCount, embeddingWidth, stateWidth, scoredWidth, histories.count)
        let recurrence = configuration.layers * RecurrentPass.scratchCount(positions: N, width: H, inputWidth: D) + batch.order.count * 3 * H
        scratch.withArena(of: N * D + recurrence + B * (H + D)) { arena in
            let final = arena.takeZeros(B * H)
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
            out.update(from: project(final, parameters, rows: B, arena: &arena), count: B * W)
        }
    }
}
