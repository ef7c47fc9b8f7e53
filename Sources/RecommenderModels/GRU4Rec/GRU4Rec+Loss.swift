internal import Tensors

extension GRU4Rec {
    /// Positions scored at once: few enough that their scores over all items stay in the second-level cache, a function of V only
    /// so that sums always associate in the same way.
    private var blockRows: Int { min(max(262_144 / itemCount, 16), 256) }

    /// Floats `lossAndGradient` takes from the arena.
    func lossScratch(positions N: Int, negatives: Int) -> Int {
        switch configuration.loss {
        case .crossEntropy: blockRows * itemCount
        case .sampledSoftmax, .bprMax: 2 * negatives * (scoredWidth + 1) + blockRows * negatives + N
        }
    }

    /// The summed loss of all positions. Writes `weight` × the gradient with respect to what is scored (N × W), and adds that of the
    /// output vectors and biases to `gradient`.
    func lossAndGradient(
        _ parameters: UnsafePointer<Float>, batch: PackedBatch, negatives: [Int32], scored: UnsafeMutablePointer<Float>, weight: Float,
        scoredGradients: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, arena: inout ScratchArena
    ) -> Double {
        switch configuration.loss {
        case .crossEntropy:
            return crossEntropy(
                parameters, targets: batch.targets, scored: scored, weight: weight, scoredGradients: scoredGradients, gradient: gradient,
                arena: &arena)
        case .sampledSoftmax(let count, let logQ):
            precondition(negatives.count == count, "\(negatives.count) negatives were given, the loss needs \(count)")
            let itemsPerSample = logQ ? Float(itemCount) / Float(count) : 1
            return sampled(
                parameters, targets: batch.targets, negatives: negatives, scored: scored, scoredGradients: scoredGradients,
                gradient: gradient, arena: &arena
            ) { scores, targetScores, rows, samples, targets in
                Kernels.sampledSoftmax(
                    scores: scores, targetScores: targetScores, rows: rows, samples: samples, targets: targets,
                    itemsPerSample: itemsPerSample, weight: weight)
            }
        case .bprMax(let count, let regularization):
            precondition(negatives.count == count, "\(negatives.count) negatives were given, the loss needs \(count)")
            return sampled(
                parameters, targets: batch.targets, negatives: negatives, scored: scored, scoredGradients: scoredGradients,
                gradient: gradient, arena: &arena
            ) { scores, targetScores, rows, samples, targets in
                Kernels.bprMax(
                    scores: scores, targetScores: targetScores, rows: rows, samples: samples, targets: targets,
                    regularization: regularization, weight: weight)
            }
        }
    }

    /// Scores, softmax and both products of one block of positions before the next, so that the scores never leave the cache.
    private func crossEntropy(
        _ parameters: UnsafePointer<Float>, targets: [Int32], scored: UnsafeMutablePointer<Float>, weight: Float,
        scoredGradients: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, arena: inout ScratchArena
    ) -> Double {
        let (N, V, W) = (targets.count, itemCount, scoredWidth)
        let vectors = parameters + places.output
        let scores = arena.take(blockRows * V)
        var loss = 0.0
        targets.withUnsafeBufferPointer { targets in
            for start in stride(from: 0, to: N, by: blockRows) {
                let rows = min(blockRows, N - start)
                let block = scored + start * W
                BLAS.multiply(block, transposed: vectors, into: scores, rows: rows, inner: W, columns: V)
                loss += Kernels.crossEntropy(
                    scores: scores, rows: rows, items: V, bias: parameters + places.outputBias, biasGradient: gradient + places.outputBias,
                    targets: targets.baseAddress! + start, weight: weight)
                BLAS.multiply(scores, vectors, into: scoredGradients + start * W, rows: rows, inner: V, columns: W)
                BLAS.multiply(
                    transposed: scores, block, into: gradient + places.output, rows: V, inner: rows, columns: W, accumulating: true)
            }
        }
        return loss
    }

    private func sampled(
        _ parameters: UnsafePointer<Float>, targets: [Int32], negatives: [Int32], scored: UnsafeMutablePointer<Float>,
        scoredGradients: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, arena: inout ScratchArena,
        loss kernel: (
            UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int, UnsafeBufferPointer<Int32>, UnsafePointer<Int32>
        ) -> Double
    ) -> Double {
        let (N, W, K) = (targets.count, scoredWidth, negatives.count)
        let vectors = parameters + places.output
        let biases = parameters + places.outputBias
        let samples = arena.take(K * W)
        let sampleBiases = arena.take(K)
        gather(negatives, from: vectors, width: W, into: samples)
        gather(negatives, from: biases, width: 1, into: sampleBiases)
        let sampleGradients = arena.takeZeros(K * W)
        let sampleBiasGradients = arena.takeZeros(K)
        let scores = arena.take(blockRows * K)
        let targetScores = arena.take(N)
        for (position, target) in targets.enumerated() {
            targetScores[position] = Kernels.dot(scored + position * W, vectors + Int(target) * W, count: W) + biases[Int(target)]
        }
        var loss = 0.0
        targets.withUnsafeBufferPointer { targets in
            negatives.withUnsafeBufferPointer { negatives in
                for start in stride(from: 0, to: N, by: blockRows) {
                    let rows = min(blockRows, N - start)
                    let block = scored + start * W
                    BLAS.multiply(block, transposed: samples, into: scores, rows: rows, inner: W, columns: K)
                    Kernels.addBias(sampleBiases, toRowsOf: scores, rows: rows, width: K)
                    loss += kernel(scores, targetScores + start, rows, negatives, targets.baseAddress! + start)
                    BLAS.multiply(scores, samples, into: scoredGradients + start * W, rows: rows, inner: K, columns: W)
                    BLAS.multiply(transposed: scores, block, into: sampleGradients, rows: K, inner: rows, columns: W, accumulating: true)
                    Kernels.addColumnSums(of: scores, rows: rows, width: K, to: sampleBiasGradients)
                }
            }
        }
        for (position, target) in targets.enumerated() {
            let slope = targetScores[position]
            Kernels.axpy(slope, vectors + Int(target) * W, to: scoredGradients + position * W, count: W)
            Kernels.axpy(slope, scored + position * W, to: gradient + places.output + Int(target) * W, count: W)
            gradient[places.outputBias + Int(target)] += slope
        }
        scatter(sampleGradients, to: negatives, of: gradient + places.output, width: W)
        for (index, item) in negatives.enumerated() { gradient[places.outputBias + Int(item)] += sampleBiasGradients[index] }
        return loss
    }
}
