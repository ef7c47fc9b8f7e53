internal import Tensors

extension LSTM {
    /// The state after each history, projected when that is what is scored; of an empty history the state is 0.
    func queries(
        _ parameters: UnsafePointer<Float>, histories: ArraySlice<ArraySlice<Int32>>, scratch: inout ScratchMemory,
        into out: UnsafeMutablePointer<Float>
    ) {
        let batch = PackedBatch(reading: histories.map { $0.suffix(Self.historyLimit) })
        let (N, D, H, B) = (batch.positionCount, embeddingWidth, stateWidth, histories.count)
        let recurrence = configuration.layers * MemoryPass.scratchCount(positions: N, width: H)
        scratch.withArena(of: N * D + recurrence + B * (H + D)) { arena in
            let final = arena.takeZeros(B * H)
            if N > 0 {
                var states = arena.take(N * D)
                batch.inputs.withUnsafeBufferPointer { gather($0, from: parameters + places.embedding, width: D, into: states) }
                for layer in places.layers { states = recur(layer, parameters, batch: batch, inputs: states, arena: &arena).states }
                batch.forEachEnd { sequence, position in (final + sequence * H).update(from: states + position * H, count: H) }
            }
            out.update(from: project(final, parameters, rows: B, arena: &arena), count: B * head.width)
        }
    }
}

extension PackedBatch {
    /// Gives every sequence that has positions, with its last one.
    func forEachEnd(_ body: (_ sequence: Int, _ position: Int) -> Void) {
        for step in 0..<stepCount {
            // Rows that the next step lacks end here.
            let next = step + 1 < stepCount ? counts[step + 1] : 0
            for row in next..<counts[step] { body(order[row], offsets[step] + row) }
        }
    }
}
