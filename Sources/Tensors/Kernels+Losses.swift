internal import CKernels

/// Losses of rows of scores. Each replaces the scores by `weight` × the gradient with respect to them and returns the unweighted
/// sum of the losses.
extension Kernels {
    /// Positions whose scores over all items the kernels of the full cross-entropy take at once, at most.
    public static let softmaxColumns = 32

    /// largest[j] ← the larger of itself and the largest score of column j.
    /// - Parameters:
    ///   - scores: items × positions, without the bias; at most `softmaxColumns` positions.
    ///   - bias: items, or `nil`.
    public static func columnLargest(
        _ scores: UnsafePointer<Float>, items: Int, positions: Int, bias: UnsafePointer<Float>?, largest: UnsafeMutablePointer<Float>
    ) {
        precondition(positions <= softmaxColumns, "the columns of scores fit into registers")
        tributary_column_largest(Int64(items), Int64(positions), scores, bias, largest)
    }

    /// scores ← exp(score + bias − largest); the columns' sums are added to `sums`.
    /// - Parameters: as `columnLargest`.
    public static func columnExponentials(
        _ scores: UnsafeMutablePointer<Float>, items: Int, positions: Int, bias: UnsafePointer<Float>?, largest: UnsafePointer<Float>,
        sums: UnsafeMutablePointer<Float>
    ) {
        precondition(positions <= softmaxColumns, "the columns of scores fit into registers")
        tributary_column_exponentials(Int64(items), Int64(positions), scores, bias, largest, sums)
    }

    /// The summed cross-entropy of positions from their exponentials' sums; factors ← weight / sums.
    public static func softmaxLosses(
        largest: UnsafePointer<Float>, sums: UnsafePointer<Float>, targetScores: UnsafePointer<Float>, weight: Float,
        factors: UnsafeMutablePointer<Float>, count: Int
    ) -> Double {
        tributary_softmax_losses(Int64(count), largest, sums, targetScores, weight, factors)
    }

    /// Normalises the gradient on rows as wide as what is scored instead of on all items, and adds the targets' part.
    /// - Parameters:
    ///   - scaled: rows × width, receives factor × scored; exponentialsᵀ × scaled is the rest of the vectors' gradient.
    ///   - scoredGradients: rows × width, exponentials × vectors; becomes the gradient of what is scored.
    public static func softmaxFinish(
        factors: UnsafePointer<Float>, targets: UnsafePointer<Int32>, rows: Int, width: Int, weight: Float, scored: UnsafePointer<Float>,
        vectors: UnsafePointer<Float>, scaled: UnsafeMutablePointer<Float>, scoredGradients: UnsafeMutablePointer<Float>,
        vectorGradients: UnsafeMutablePointer<Float>, biasGradients: UnsafeMutablePointer<Float>?
    ) {
        tributary_softmax_finish(
            Int64(rows), Int64(width), factors, targets, weight, scored, vectors, scaled, scoredGradients, vectorGradients, biasGradients)
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
