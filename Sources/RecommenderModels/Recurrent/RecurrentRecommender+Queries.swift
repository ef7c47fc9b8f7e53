internal import Tensors

extension RecurrentRecommender {
    /// The state after each history, projected when that is what is scored; of an empty history the state is 0.
    func queries(
        _ parameters: UnsafePointer<Float>, histories: ArraySlice<ArraySlice<Int32>>, scratch: inout ScratchMemory,
        into out: UnsafeMutablePointer<Float>
    ) {
        let size = PackedBatch.Size(histories, hasTargets: false, limit: RecurrentConfiguration.historyLimit)
        let (N, D, H, B) = (size.positions, embeddingWidth, stateWidth, histories.count)
        scratch.withArena(of: size.scratchCount + N * D + recurrenceScratch(size) + B * (H + D)) { arena in
            let final = arena.takeZeros(B * H)
            if N > 0 {
                let batch = PackedBatch(histories, hasTargets: false, size, arena: &arena)
                let read = arena.take(N * D)
                gather(batch.read, from: parameters + places.embedding, width: D, into: read)
                let states = recur(parameters, batch: batch, read: read, arena: &arena).layer(configuration.layers - 1).states
                batch.forEachEnd { sequence, position in (final + sequence * H).update(from: states + position * H, count: H) }
            }
            out.update(from: project(final, parameters, rows: B, arena: &arena), count: B * head.width)
        }
    }
}
