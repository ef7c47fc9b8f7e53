internal import SeededRandom
internal import Tensors

extension RecurrentRecommender {
    func accumulateGradient(
        _ parameters: [Float], sequences: [ArraySlice<Int32>], negatives: [Int32], stream: RandomStream?, weight: Float,
        into gradient: inout GradientBuffer, scratch: inout ScratchMemory
    ) -> LossSum {
        precondition(parameters.count == layout.count, "\(parameters.count) parameters do not fill a layout of \(layout.count)")
        let size = PackedBatch.Size(sequences[...], hasTargets: true)
        if size.positions == 0 { return LossSum() }
        let loss = scratch.withArena(of: trainingScratch(size)) { arena in
            let batch = PackedBatch(sequences[...], hasTargets: true, size, arena: &arena)
            let targets = UnsafeBufferPointer(start: batch.targets, count: size.positions)
            let negatives = head.negatives(targets: targets, shared: negatives, stream: stream?.child("own negatives"), arena: &arena)
            gradient.touch(0, rows: batch.read)
            head.touch(targets: targets, negatives: negatives, in: &gradient)
            return parameters.withUnsafeBufferPointer { parameters in
                gradient.values.withUnsafeMutableBufferPointer { gradient in
                    backpropagate(
                        parameters.baseAddress!, batch: batch, targets: targets, negatives: negatives, stream: stream, weight: weight,
                        gradient: gradient.baseAddress!, arena: &arena)
                }
            }
        }
        return LossSum(loss: loss, targets: size.positions)
    }

    /// Floats a training pass takes from the arena.
    private func trainingScratch(_ size: PackedBatch.Size) -> Int {
        let (N, D, H, W) = (size.positions, embeddingWidth, stateWidth, head.width)
        return size.scratchCount + 2 * N * D + recurrenceScratch(size) + 2 * N * H + 2 * N * W + 2 * N * max(D, H)
            + head.scratchCount(positions: N)
    }

    /// Floats that all layers take from the arena.
    func recurrenceScratch(_ size: PackedBatch.Size) -> Int {
        let (N, H) = (size.positions, stateWidth)
        return configuration.layers * Cell.Pass.count(positions: N, width: H)
            + Cell.workCount(positions: N, sequences: size.sequences, width: H, inputWidth: max(embeddingWidth, H))
    }

    /// What the layers keep.
    struct Passes {
        let batch: PackedBatch
        /// N × D.
        let read: UnsafeMutablePointer<Float>
        let memory: UnsafeMutablePointer<Float>
        let width: Int

        func layer(_ index: Int) -> Cell.Pass {
            Cell.Pass(
                memory + index * Cell.Pass.count(positions: batch.positionCount, width: width),
                inputs: index == 0 ? read : layer(index - 1).states, batch: batch, width: width)
        }
    }

    /// All layers over all positions.
    /// - Parameter read: N × D, the vectors of the items.
    func recur(
        _ parameters: UnsafePointer<Float>, batch: PackedBatch, read: UnsafeMutablePointer<Float>, arena: inout ScratchArena
    ) -> Passes {
        let (N, H) = (batch.positionCount, stateWidth)
        let passes = Passes(
            batch: batch, read: read, memory: arena.take(configuration.layers * Cell.Pass.count(positions: N, width: H)), width: H)
        for (index, layer) in places.layers.enumerated() {
            Cell.forward(layer, parameters, batch: batch, pass: passes.layer(index), arena: arena)
        }
        return passes
    }

    private func backpropagate(
        _ parameters: UnsafePointer<Float>, batch: PackedBatch, targets: UnsafeBufferPointer<Int32>, negatives: TargetNegatives,
        stream: RandomStream?, weight: Float, gradient: UnsafeMutablePointer<Float>, arena: inout ScratchArena
    ) -> Double {
        let (N, D, H, W, layers) = (batch.positionCount, embeddingWidth, stateWidth, head.width, configuration.layers)

        // Forward: items read, layers, what is scored.
        let read = arena.take(N * D)
        gather(batch.read, from: parameters + places.embedding, width: D, into: read)
        let readMask = arena.dropoutMask(N * D, probability: configuration.embeddingDropout, stream: stream?.child("embedding dropout"))
        if let readMask { Kernels.multiply(read, by: readMask, count: N * D) }
        let passes = recur(parameters, batch: batch, read: read, arena: &arena)
        var top = passes.layer(layers - 1).states
        let topMask = arena.dropoutMask(N * H, probability: configuration.hiddenDropout, stream: stream?.child("hidden dropout"))
        if let topMask {
            let states = top
            top = arena.take(N * H)
            top.update(from: states, count: N * H)
            Kernels.multiply(top, by: topMask, count: N * H)
        }
        let scored = project(top, parameters, rows: N, arena: &arena)

        // The loss, and back. Layers take turns in two buffers: the gradient of one layer's inputs is that of the next one's states.
        var stateGradients = arena.take(N * max(D, H))
        var spare = arena.take(N * max(D, H))
        let scoredGradients = places.projection == nil ? stateGradients : arena.take(N * W)
        let loss = head.lossAndGradient(
            parameters, targets: targets, negatives: negatives, scored: scored, weight: weight, scoredGradients: scoredGradients,
            gradient: gradient, arena: &arena)
        if let projection = places.projection {
            BLAS.multiply(scoredGradients, parameters + projection.weights, into: stateGradients, rows: N, inner: D, columns: H)
            BLAS.multiply(
                transposed: scoredGradients, top, into: gradient + projection.weights, rows: D, inner: N, columns: H, accumulating: true)
            Kernels.addColumnSums(of: scoredGradients, rows: N, width: D, to: gradient + projection.bias)
        }
        if let topMask { Kernels.multiply(stateGradients, by: topMask, count: N * H) }
        for (index, layer) in places.layers.enumerated().reversed() {
            Cell.backward(
                layer, parameters, batch: batch, pass: passes.layer(index), stateGradients: stateGradients, inputGradients: spare,
                gradient: gradient, arena: arena)
            swap(&stateGradients, &spare)
        }
        if let readMask { Kernels.multiply(stateGradients, by: readMask, count: N * D) }
        scatter(stateGradients, to: batch.read, of: gradient + places.embedding, width: D)
        return loss
    }

    /// What is scored against the output vectors (rows × W): the states themselves, or their projection.
    func project(
        _ states: UnsafeMutablePointer<Float>, _ parameters: UnsafePointer<Float>, rows: Int, arena: inout ScratchArena
    ) -> UnsafeMutablePointer<Float> {
        guard let projection = places.projection else { return states }
        let scored = arena.take(rows * embeddingWidth)
        BLAS.multiply(
            states, transposed: parameters + projection.weights, into: scored, rows: rows, inner: stateWidth, columns: embeddingWidth)
        Kernels.addBias(parameters + projection.bias, toRowsOf: scored, rows: rows, width: embeddingWidth)
        return scored
    }
}
