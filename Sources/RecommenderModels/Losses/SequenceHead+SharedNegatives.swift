internal import Tensors

extension SequenceHead {
    /// The losses that compare each target with the same K negatives.
    func againstShared(
        _ parameters: UnsafePointer<Float>, _ targets: UnsafeBufferPointer<Int32>, _ negatives: TargetNegatives,
        _ scored: UnsafePointer<Float>, _ weight: Float, _ scoredGradients: UnsafeMutablePointer<Float>,
        _ gradient: UnsafeMutablePointer<Float>, _ arena: inout ScratchArena
    ) -> Double {
        let negatives = negatives.shared
        guard let firstTarget = targets.baseAddress else { return 0 }
        let (N, W, K) = (targets.count, width, negatives.count)
        let blockRows = Self.blockRows(K)
        let table = parameters + vectors
        let samples = arena.take(K * W)
        let turned = arena.take(K * W)
        let sampleBiases = arena.takeZeros(K)
        let sampleGradients = arena.takeZeros(K * W)
        let sampleBiasGradients = arena.takeZeros(K)
        let scores = arena.take(blockRows * K)
        let targetScores = arena.take(N)
        negatives.withUnsafeBufferPointer { gather($0, from: table, width: W, into: samples) }
        Kernels.transpose(samples, rows: K, columns: W, into: turned)
        if let biases { negatives.withUnsafeBufferPointer { gather($0, from: parameters + biases, width: 1, into: sampleBiases) } }
        Kernels.ownScores(
            firstTarget, count: 1, scored: scored, vectors: table, biases: biases.map { parameters + $0 }, into: targetScores, rows: N,
            width: W)
        var loss = 0.0
        for start in stride(from: 0, to: N, by: blockRows) {
            let rows = min(blockRows, N - start)
            let block = scored + start * W
            BLAS.multiply(block, turned, into: scores, rows: rows, inner: W, columns: K)
            if biases != nil { Kernels.addBias(sampleBiases, toRowsOf: scores, rows: rows, width: K) }
            loss += negatives.withUnsafeBufferPointer {
                compare(scores, targetScores + start, rows: rows, samples: $0, stride: 0, targets: firstTarget + start, weight: weight)
            }
            BLAS.multiply(scores, samples, into: scoredGradients + start * W, rows: rows, inner: K, columns: W)
            BLAS.multiply(transposed: scores, block, into: sampleGradients, rows: K, inner: rows, columns: W, accumulating: true)
            if biases != nil { Kernels.addColumnSums(of: scores, rows: rows, width: K, to: sampleBiasGradients) }
        }
        Kernels.ownGradients(
            targetScores, firstTarget, count: 1, scored: scored, vectors: table, scoredGradients: scoredGradients,
            vectorGradients: gradient + vectors, biasGradients: biases.map { gradient + $0 }, rows: N, width: W)
        negatives.withUnsafeBufferPointer { scatter(sampleGradients, to: $0, of: gradient + vectors, width: W) }
        if let biases {
            for (index, item) in negatives.enumerated() { gradient[biases + Int(item)] += sampleBiasGradients[index] }
        }
        return loss
    }
}
