public import SeededRandom
public import Tensors

extension Caser {
    public func accumulateGradient(
        _ parameters: [Float], sequences: [ArraySlice<Int32>], negatives: [Int32], stream: RandomStream?, weight: Float,
        into gradient: inout GradientBuffer, scratch: inout ScratchMemory
    ) -> LossSum {
        precondition(parameters.count == layout.count, "\(parameters.count) parameters do not fill a layout of \(layout.count)")
        let batch = CaserBatch(training: sequences)
        if batch.positionCount == 0 { return LossSum() }
        batch.items.withUnsafeBufferPointer { gradient.touch(0, rows: $0) }
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

    private func trainingScratch(_ batch: CaserBatch) -> Int {
        let (M, N, D, C) = (batch.items.count, batch.positionCount, configuration.dimension, featureWidth)
        return forwardScratch(batch) + 2 * N * C + 2 * N * D + M * D + head.scratchCount(positions: N)
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
        let loss = batch.targets.withUnsafeBufferPointer {
            head.lossAndGradient(
                parameters, targets: $0, negatives: negatives, scored: scored, weight: weight, scoredGradients: scoredGradients,
                gradient: gradient, arena: &arena)
        }
        Kernels.rectifyBackward(scored, gradient: scoredGradients, count: N * D)
        BLAS.multiply(
            transposed: scoredGradients, pass.features, into: gradient + places.linear, rows: D, inner: N, columns: C, accumulating: true)
        Kernels.addColumnSums(of: scoredGradients, rows: N, width: D, to: gradient + places.linearBias)
        let featureGradients = arena.take(N * C)
        BLAS.multiply(scoredGradients, parameters + places.linear, into: featureGradients, rows: N, inner: D, columns: C)
        if let mask { Kernels.multiply(featureGradients, by: mask, count: N * C) }
        let eventGradients = deconvolve(
            parameters, batch: batch, pass: pass, featureGradients: featureGradients, gradient: gradient, arena: &arena)
        batch.items.withUnsafeBufferPointer { scatter(eventGradients, to: $0, of: gradient + places.embedding, width: D) }
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
