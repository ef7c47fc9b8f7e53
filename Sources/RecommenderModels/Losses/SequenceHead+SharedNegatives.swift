internal import Tensors

extension SequenceHead {
    /// The losses that compare each target with the same K negatives.
    func againstShared(
        _ parameters: UnsafePointer<Float>, targets: UnsafeBufferPointer<Int32>, negatives: [Int32], scored: UnsafePointer<Float>,
        weight: Float, scoredGradients: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, arena: inout ScratchArena
    ) -> Double {
        let (N, W, K) = (targets.count, width, negatives.count)
        let blockRows = Self.blockRows(K)
        let table = parameters + vectors
        let samples = arena.take(K * W)
        let sampleBiases = arena.takeZeros(K)
        let sampleGradients = arena.takeZeros(K * W)
        let sampleBiasGradients = arena.takeZeros(K)
        let scores = arena.take(blockRows * K)
        let targetScores = arena.take(N)
        negatives.withUnsafeBufferPointer { gather($0, from: table, width: W, into: samples) }
        if let biases { negatives.withUnsafeBufferPointer { gather($0, from: parameters + biases, width: 1, into: sampleBiases) } }
        for (position, target) in targets.enumerated() {
            let bias = biases.map { parameters[$0 + Int(target)] } ?? 0
            targetScores[position] = Kernels.dot(scored + position * W, table + Int(target) * W, count: W) + bias
        }
        var loss = 0.0
        for start in stride(from: 0, to: N, by: blockRows) {
            let rows = min(blockRows, N - start)
            let block = scored + start * W
            BLAS.multiply(block, transposed: samples, into: scores, rows: rows, inner: W, columns: K)
            if biases != nil { Kernels.addBias(sampleBiases, toRowsOf: scores, rows: rows, width: K) }
            loss += compare(scores, targetScores + start, rows: rows, negatives: negatives, targets: targets.baseAddress! + start, weight: weight)
            BLAS.multiply(scores, samples, into: scoredGradients + start * W, rows: rows, inner: K, columns: W)
            BLAS.multiply(transposed: scores, block, into: sampleGradients, rows: K, inner: rows, columns: W, accumulating: true)
            if biases != nil { Kernels.addColumnSums(of: scores, rows: rows, width: K, to: sampleBiasGradients) }
        }
        for (position, target) in targets.enumerated() {
            let slope = targetScores[position]
            Kernels.axpy(slope, table + Int(target) * W, to: scoredGradients + position * W, count: W)
            Kernels.axpy(slope, scored + position * W, to: gradient + vectors + Int(target) * W, count: W)
            if let biases { gradient[biases + Int(target)] += slope }
        }
        negatives.withUnsafeBufferPointer { scatter(sampleGradients, to: $0, of: gradient + vectors, width: W) }
        if let biases {
            for (index, item) in negatives.enumerated() { gradient[biases + Int(item)] += sampleBiasGradients[index] }
        }
        return loss
    }

    /// Replaces the scores of a block of rows by their gradients; returns the loss.
    private func compare(
        _ scores: UnsafeMutablePointer<Float>, _ targetScores: UnsafeMutablePointer<Float>, rows: Int, negatives: [Int32],
        targets: UnsafePointer<Int32>, weight: Float
    ) -> Double {
        negatives.withUnsafeBufferPointer { samples in
            switch loss {
            case .crossEntropy: 0
            case .sampledSoftmax(let count, let logQ):
                Kernels.sampledSoftmax(
                    scores: scores, targetScores: targetScores, rows: rows, samples: samples, targets: targets,
                    itemsPerSample: logQ ? Float(itemCount) / Float(count) : 1, weight: weight)
            case .bprMax(_, let regularization):
                Kernels.bprMax(
                    scores: scores, targetScores: targetScores, rows: rows, samples: samples, targets: targets,
                    regularization: regularization, weight: weight)
            }
        }
    }
}
