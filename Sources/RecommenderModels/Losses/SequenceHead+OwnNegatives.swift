internal import Tensors

extension SequenceHead {
    /// The losses that compare each target with k negatives of its own.
    func againstOwn(
        _ parameters: UnsafePointer<Float>, _ targets: UnsafeBufferPointer<Int32>, _ negatives: TargetNegatives,
        _ scored: UnsafePointer<Float>, _ weight: Float, _ scoredGradients: UnsafeMutablePointer<Float>,
        _ gradient: UnsafeMutablePointer<Float>, _ arena: inout ScratchArena
    ) -> Double {
        guard let firstTarget = targets.baseAddress, let firstOwn = negatives.own.baseAddress else { return 0 }
        let (N, W, k) = (targets.count, width, loss.ownNegatives)
        let table = parameters + vectors
        let targetScores = arena.take(N)
        let scores = arena.take(N * k)
        let parameterBiases = biases.map { parameters + $0 }
        let gradientBiases = biases.map { gradient + $0 }
        Kernels.ownScores(
            firstTarget, count: 1, scored: scored, vectors: table, biases: parameterBiases, into: targetScores, rows: N, width: W)
        Kernels.ownScores(firstOwn, count: k, scored: scored, vectors: table, biases: parameterBiases, into: scores, rows: N, width: W)
        let samples = UnsafeBufferPointer(start: firstOwn, count: k)
        let loss = compare(scores, targetScores, rows: N, samples: samples, stride: k, targets: firstTarget, weight: weight)
        scoredGradients.update(repeating: 0, count: N * W)
        for (slopes, items, count) in [(targetScores, firstTarget, 1), (scores, firstOwn, k)] {
            Kernels.ownGradients(
                slopes, items, count: count, scored: scored, vectors: table, scoredGradients: scoredGradients,
                vectorGradients: gradient + vectors, biasGradients: gradientBiases, rows: N, width: W)
        }
        return loss
    }

    /// Replaces the scores of a block of rows by their gradients; returns the loss.
    /// - Parameters:
    ///   - samples: those of the first row.
    ///   - stride: from a row's samples to the next one's; 0 when all rows share them.
    func compare(
        _ scores: UnsafeMutablePointer<Float>, _ targetScores: UnsafeMutablePointer<Float>, rows: Int, samples: UnsafeBufferPointer<Int32>,
        stride: Int, targets: UnsafePointer<Int32>, weight: Float
    ) -> Double {
        guard let first = samples.baseAddress else { return 0 }
        switch loss {
        case .crossEntropy: return 0
        case .sampledSoftmax(let count, let logQ):
            return Kernels.sampledSoftmax(
                scores: scores, targetScores: targetScores, rows: rows, samples: samples, targets: targets,
                itemsPerSample: logQ ? Float(itemCount) / Float(count) : 1, weight: weight)
        case .bprMax(_, let regularization):
            return Kernels.bprMax(
                scores: scores, targetScores: targetScores, rows: rows, samples: samples, targets: targets, regularization: regularization,
                weight: weight)
        case .binaryCrossEntropy:
            return Kernels.binaryCrossEntropy(
                scores: scores, targetScores: targetScores, rows: rows, samples: first, samplesPerRow: samples.count, stride: stride,
                targets: targets, targetWeight: 1, weight: weight)
        case .generalizedBCE(let count, let calibration, _):
            let share = 1 / Float(count + 1)
            return Double(share)
                * Kernels.binaryCrossEntropy(
                    scores: scores, targetScores: targetScores, rows: rows, samples: first, samplesPerRow: samples.count, stride: stride,
                    targets: targets, targetWeight: targetWeight(negatives: count, calibration: calibration), weight: weight * share)
        case .bpr:
            return Kernels.bpr(
                scores: scores, targetScores: targetScores, rows: rows, samples: first, samplesPerRow: samples.count, stride: stride,
                targets: targets, weight: weight)
        }
    }

    /// β of gBCE; the sampling rate is that of one negative among the items that are not the target.
    private func targetWeight(negatives: Int, calibration: Float) -> Float {
        let rate = min(1, Float(negatives) / Float(itemCount - 1))
        return rate * (calibration * (1 - 1 / rate) + 1 / rate)
    }
}
