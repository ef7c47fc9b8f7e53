public import SeededRandom
public import Tensors

extension Caser {
    public func accumulateGradient(
        _ parameters: [Float], sequences: [ArraySlice<Int32>], negatives: [Int32], stream: RandomStream?, weight: Float,
        into gradient: inout GradientBuffer, scratch: inout ScratchMemory
    ) -> LossSum {
        precondition(parameters.count == layout.count, "\(parameters.count) parameters do not fill a layout of \(layout.count)")
        let size = CaserBatch.Size(training: sequences)
        if size.positions == 0 { return LossSum() }
        let loss = scratch.withArena(of: trainingScratch(size)) { arena in
            let batch = CaserBatch(training: sequences, size, arena: &arena)
            let negatives = head.negatives(targets: batch.targets, shared: negatives, stream: stream?.child("own negatives"), arena: &arena)
            gradient.touch(0, rows: batch.items)
            head.touch(targets: batch.targets, negatives: negatives, in: &gradient)
            return parameters.withUnsafeBufferPointer { parameters in
                gradient.values.withUnsafeMutableBufferPointer { gradient in
                    backpropagate(
                        parameters.baseAddress!, batch: batch, negatives: negatives, stream: stream, weight: weight,
                        gradient: gradient.baseAddress!, arena: &arena)
                }
            }
        }
        return LossSum(loss: loss, targets: size.positions)
    }

    private func trainingScratch(_ size: CaserBatch.Size) -> Int {
        let (M, N, D, C) = (size.events, size.positions, configuration.dimension, featureWidth)
        return forwardScratch(size) + 2 * N * C + 2 * N * D + M * D + head.scratchCount(positions: N)
    }

    private func backpropagate(
        _ parameters: UnsafePointer<Float>, batch: CaserBatch, negatives: TargetNegatives, stream: RandomStream?, weight: Float,
        gradient: UnsafeMutablePointer<Float>, arena: inout ScratchArena
    ) -> Double {
        let (N, D, C) = (batch.positionCount, configuration.dimension, featureWidth)
        let pass = convolve(parameters, batch: batch, arena: &arena)
        let mask = arena.dropoutMask(N * C, probability: configuration.dropout, stream: stream?.child("dropout"))
        if let mask { Kernels.multiply(pass.features, by: mask, count: N * C) }
        let scored = arena.take(N * D)
        combine(pass.features, parameters, rows: N, into: scored)

        let scoredGradients = arena.take(N * D)
        let loss = head.lossAndGradient(
            parameters, targets: batch.targets, negatives: negatives, scored: scored, weight: weight, scoredGradients: scoredGradients,
            gradient: gradient, arena: &arena)
        Kernels.rectifyBackward(scored, gradient: scoredGradients, count: N * D)
        BLAS.multiply(
            transposed: scoredGradients, pass.features, into: gradient + places.linear, rows: D, inner: N, columns: C, accumulating: true)
        Kernels.addColumnSums(of: scoredGradients, rows: N, width: D, to: gradient + places.linearBias)
        let featureGradients = arena.take(N * C)
        BLAS.multiply(scoredGradients, parameters + places.linear, into: featureGradients, rows: N, inner: D, columns: C)
        if let mask { Kernels.multiply(featureGradients, by: mask, count: N * C) }
        let eventGradients = deconvolve(
            parameters, batch: batch, pass: pass, featureGradients: featureGradients, gradient: gradient, arena: &arena)
        scatter(eventGradients, to: batch.items, of: gradient + places.embedding, width: D)
        return loss
    }

    /// z = max(0, features × weightsᵀ + bias), rows × D.
    func combine(
        _ features: UnsafePointer<Float>, _ parameters: UnsafePointer<Float>, rows: Int, into out: UnsafeMutablePointer<Float>
    ) {
        let D = configuration.dimension
        BLAS.multiply(features, transposed: parameters + places.linear, into: out, rows: rows, inner: featureWidth, columns: D)
        Kernels.addBias(parameters + places.linearBias, toRowsOf: out, rows: rows, width: D)
        Kernels.rectify(out, count: rows * D)
    }
}
