internal import CKernels

/// Losses of rows of scores. Each replaces the scores by `weight` × the gradient with respect to them and returns the unweighted
/// sum of the losses.
extension Kernels {
    /// Cross-entropy over all items.
    /// - Parameters:
    ///   - scores: rows × items, without the bias.
    ///   - bias: items; its weighted gradient is added to `biasGradient`. Both or neither may be `nil`.
    ///   - targets: rows, each in 0 ..< items.
    public static func crossEntropy(
        scores: UnsafeMutablePointer<Float>, rows: Int, items: Int, bias: UnsafePointer<Float>?,
        biasGradient: UnsafeMutablePointer<Float>?, targets: UnsafePointer<Int32>, weight: Float
    ) -> Double {
        tributary_cross_entropy(Int64(rows), Int64(items), scores, bias, biasGradient, targets, weight)
    }

    /// Cross-entropy of each target against the samples; a sample equal to the target is left out.
    /// - Parameters:
    ///   - scores: rows × samples.
    ///   - targetScores: rows; replaced by its weighted gradient.
    ///   - itemsPerSample: how many items a sample stands for, 1 / (count × its probability): its logarithm, the logQ correction, is
    ///     added to the samples' scores. 1 corrects nothing.
    public static func sampledSoftmax(
        scores: UnsafeMutablePointer<Float>, targetScores: UnsafeMutablePointer<Float>, rows: Int, samples: UnsafeBufferPointer<Int32>,
        targets: UnsafePointer<Int32>, itemsPerSample: Float, weight: Float
    ) -> Double {
        tributary_sampled_softmax(Int64(rows), Int64(samples.count), scores, targetScores, samples.baseAddress!, targets, itemsPerSample, weight)
    }

    /// BPR-max with score regularisation (Hidasi and Karatzoglou 2018, eq. 10); a sample equal to the target is left out.
    /// - Parameters: as `sampledSoftmax`.
    public static func bprMax(
        scores: UnsafeMutablePointer<Float>, targetScores: UnsafeMutablePointer<Float>, rows: Int, samples: UnsafeBufferPointer<Int32>,
        targets: UnsafePointer<Int32>, regularization: Float, weight: Float
    ) -> Double {
        tributary_bpr_max(Int64(rows), Int64(samples.count), scores, targetScores, samples.baseAddress!, targets, regularization, weight)
    }

    /// Binary cross-entropy of each target, times `targetWeight`, against its samples; a sample equal to the target is left out.
    /// - Parameters:
    ///   - scores: rows × samplesPerRow.
    ///   - targetScores: rows; replaced by its weighted gradient.
    ///   - samples: row r's begin at r × stride; with stride 0 all rows share them.
    public static func binaryCrossEntropy(
        scores: UnsafeMutablePointer<Float>, targetScores: UnsafeMutablePointer<Float>, rows: Int, samples: UnsafePointer<Int32>,
        samplesPerRow: Int, stride: Int, targets: UnsafePointer<Int32>, targetWeight: Float, weight: Float
    ) -> Double {
        tributary_binary_cross_entropy(
            Int64(rows), Int64(samplesPerRow), scores, targetScores, samples, Int64(stride), targets, targetWeight, weight)
    }

    /// Σ log(1 + exp(x − r)) over the samples' scores x, r the target's.
    /// - Parameters: as `binaryCrossEntropy`.
    public static func bpr(
        scores: UnsafeMutablePointer<Float>, targetScores: UnsafeMutablePointer<Float>, rows: Int, samples: UnsafePointer<Int32>,
        samplesPerRow: Int, stride: Int, targets: UnsafePointer<Int32>, weight: Float
    ) -> Double {
        tributary_bpr(Int64(rows), Int64(samplesPerRow), scores, targetScores, samples, Int64(stride), targets, weight)
    }

    /// Scores of every row's own items: scores[row][j] ← scored[row] · vectors[item] + biases[item].
    /// - Parameters:
    ///   - samples: rows × count items.
    ///   - scored: rows × width.
    ///   - biases: of all items, or `nil`.
    public static func ownScores(
        _ samples: UnsafePointer<Int32>, count: Int, scored: UnsafePointer<Float>, vectors: UnsafePointer<Float>,
        biases: UnsafePointer<Float>?, into scores: UnsafeMutablePointer<Float>, rows: Int, width: Int
    ) {
        tributary_own_scores(Int64(rows), Int64(count), Int64(width), scored, vectors, biases, samples, scores)
    }

    /// Adds what the gradients of those scores, `slopes`, make of the gradients of scored, vectors and biases.
    public static func ownGradients(
        _ slopes: UnsafePointer<Float>, _ samples: UnsafePointer<Int32>, count: Int, scored: UnsafePointer<Float>,
        vectors: UnsafePointer<Float>, scoredGradients: UnsafeMutablePointer<Float>, vectorGradients: UnsafeMutablePointer<Float>,
        biasGradients: UnsafeMutablePointer<Float>?, rows: Int, width: Int
    ) {
        tributary_own_gradients(
            Int64(rows), Int64(count), Int64(width), slopes, scored, vectors, samples, scoredGradients, vectorGradients, biasGradients)
    }
}
