public import SeededRandom
public import Tensors

extension GRU4Rec {
    public func accumulateGradient(
        _ parameters: [Float], sequences: [ArraySlice<Int32>], negatives: [Int32], stream: RandomStream?, weight: Float,
        into gradient: inout GradientBuffer, scratch: inout ScratchMemory
    ) -> LossSum {
        precondition(parameters.count == layout.count, "\(parameters.count) parameters do not fill a layout of \(layout.count)")
        let batch = PackedBatch(training: sequences)
        if batch.positionCount == 0 { return LossSum() }
        batch.inputs.withUnsafeBufferPointer { gradient.touch(0, rows: $0) }
        let loss = scratch.withArena(of: trainingScratch(batch)) { arena in
            let negatives = batch.targets.withUnsafeBufferPointer {
                let negatives = head.negatives(targets: $0, shared: negatives, stream: stream?.child("own negatives"), arena: &arena)
                head.touch(targets: $0, negatives: negatives, in: &gradient)
                return negatives
            }
            return parameters.withUnsafeBufferPointer { parameters in
                gradient.values.withUnsafeMutableBufferPointer { gradient in
                    backpropagate(
                        parameters.baseAddress!, batch: batch, negatives: negatives, stream: stream, weight: weight,
                        gradient: gradient.baseAddress!, arena: &arena)
                }
            }
        }
        return LossSum(loss: loss, targets: batch.positionCount)
    }

    /// Floats a training pass takes from the arena.
    private func trainingScratch(_ batch: PackedBatch) -> Int {
        let (N, D, H, W) = (batch.positionCount, embeddingWidth, stateWidth, scoredWidth)
        let inputs = 2 * N * D + N * max(D, H)
        let recurrence = configuration.layers * RecurrentPass.scratchCount(positions: N, width: H, inputWidth: D) + batch.counts[0] * 3 * H + 6 * N * H
        let output = 2 * N * H + 2 * N * W + N * H
        return inputs + recurrence + output + head.scratchCount(positions: N)
    }

    private func backpropagate(
        _ parameters: UnsafePointer<Float>, batch: PackedBatch, negatives: TargetNegatives, stream: RandomStream?, weight: Float,
        gradient: UnsafeMutablePointer<Float>, arena: inout ScratchArena
    ) -> Double {
        let (N, D, H, W) = (batch.positionCount, embeddingWidth, stateWidth, scoredWidth)

        // Forward: items read, layers, what is scored.
        let read = arena.take(N * D)
        batch.inputs.withUnsafeBufferPointer { gather($0, from: parameters + places.embedding, width: D, into: read) }
        let readMask = arena.dropoutMask(N * D, probability: configuration.embeddingDropout, stream: stream?.child("embedding dropout"))
        if let readMask { Kernels.multiply(read, by: readMask, count: N * D) }
        let products = arena.take(batch.counts[0] * 3 * H)
        var passes: [RecurrentPass] = []
        for layer in places.layers {
            let inputs = passes.last?.states ?? read
            passes.append(recur(layer, parameters, batch: batch, inputs: inputs, products: products, arena: &arena))
        }
        let top = arena.take(N * H)
        top.update(from: passes[passes.count - 1].states, count: N * H)
        let topMask = arena.dropoutMask(N * H, probability: configuration.hiddenDropout, stream: stream?.child("hidden dropout"))
        if let topMask { Kernels.multiply(top, by: topMask, count: N * H) }
        let scored = project(top, parameters, rows: N, arena: &arena)

        // The loss, and back.
        let scoredGradients = arena.take(N * W)
        let loss = batch.targets.withUnsafeBufferPointer {
            head.lossAndGradient(
                parameters, targets: $0, negatives: negatives, scored: scored, weight: weight, scoredGradients: scoredGradients,
                gradient: gradient, arena: &arena)
        }
        var stateGradients = scoredGradients
        if let projection = places.projection {
            stateGradients = arena.take(N * H)
            BLAS.multiply(scoredGradients, parameters + projection.weights, into: stateGradients, rows: N, inner: D, columns: H)
            BLAS.multiply(
                transposed: scoredGradients, top, into: gradient + projection.weights, rows: D, inner: N, columns: H, accumulating: true)
            Kernels.addColumnSums(of: scoredGradients, rows: N, width: D, to: gradient + projection.bias)
        }
        if let topMask { Kernels.multiply(stateGradients, by: topMask, count: N * H) }
        let sides = arena.take(6 * N * H)
        // Layers take turns in two buffers: the gradient of one layer's inputs is that of the next one's states.
        var spare = arena.take(N * max(D, H))
        for (layer, pass) in zip(places.layers, passes).reversed() {
            unrecur(
                layer, parameters, batch: batch, pass: pass, stateGradients: stateGradients, inputGradients: spare, sides: sides,
                gradient: gradient)
            swap(&stateGradients, &spare)
        }
        let readGradients = stateGradients
        if let readMask { Kernels.multiply(readGradients, by: readMask, count: N * D) }
        batch.inputs.withUnsafeBufferPointer { scatter(readGradients, to: $0, of: gradient + places.embedding, width: D) }
        return loss
    }

    /// What is scored against the output vectors (N × W): the states themselves, or their projection.
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
