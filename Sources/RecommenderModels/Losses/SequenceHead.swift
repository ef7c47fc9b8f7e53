internal import SeededRandom
internal import Tensors

/// The output side that all sequence models share: what a model makes of a position is scored against the items' vectors,
/// scores = y Eᵀ + b, and a ``SequenceLoss`` compares the scores with the item that follows.
///
/// A model computes the vectors of the positions that have a target, calls `negatives`, `touch` and `lossAndGradient` in this
/// order, and continues backward with the gradient it receives.
///
/// Letters: N positions that have a target, W width of the scored vectors, V items, K shared negatives, k own negatives.
struct SequenceHead: Sendable {
    let loss: SequenceLoss
    /// V.
    let itemCount: Int
    /// W.
    let width: Int
    /// Where in the flat buffer the V × W vectors start.
    let vectors: Int
    /// Where the V biases start; `nil` for a model without.
    let biases: Int?
    /// The places of the vectors (and biases) among the model's `itemTables`.
    let tables: [Int]

    /// Positions scored at once against so many items: few enough that their scores stay in the second-level cache, a function of
    /// the count only so that sums always associate in the same way.
    static func blockRows(_ items: Int) -> Int { min(max(262_144 / items, 16), 256) }

    /// Floats that the calls for a batch of N positions take from the arena.
    func scratchCount(positions N: Int) -> Int {
        if case .crossEntropy = loss { return crossEntropyScratch }
        let (shared, own) = (loss.sharedNegatives, loss.ownNegatives)
        if own > 0 { return N * (2 * own + 1) }
        return shared * (3 * width + 2) + Self.blockRows(shared) * shared + N
    }

    /// The negatives that the targets are compared with.
    /// - Parameters:
    ///   - shared: the K items given to the step.
    ///   - stream: own negatives are drawn from it; `nil` for a fixed one.
    func negatives(
        targets: UnsafeBufferPointer<Int32>, shared: [Int32], stream: RandomStream?, arena: inout ScratchArena
    ) -> TargetNegatives {
        precondition(shared.count == loss.sharedNegatives, "\(shared.count) negatives were given, the loss needs \(loss.sharedNegatives)")
        let k = loss.ownNegatives
        let own = arena.takeIntegers(targets.count * k)
        if k > 0 {
            var numbers = stream ?? RandomStream(seed: 0, "own negatives")
            for (position, target) in targets.enumerated() {
                for index in position * k..<(position + 1) * k {
                    // Uniform over all items but the target.
                    let item = Int32(numbers.below(itemCount - 1))
                    own[index] = item < target ? item : item + 1
                }
            }
        }
        return TargetNegatives(shared: shared, own: UnsafeBufferPointer(start: own, count: targets.count * k))
    }

    /// Declares the rows of the item tables that the gradient of these targets reaches.
    func touch(targets: UnsafeBufferPointer<Int32>, negatives: TargetNegatives, in gradient: inout GradientBuffer) {
        for table in tables {
            if case .crossEntropy = loss {
                gradient.touchAll(table)
            } else {
                gradient.touch(table, rows: targets)
                negatives.shared.withUnsafeBufferPointer { gradient.touch(table, rows: $0) }
                gradient.touch(table, rows: negatives.own)
            }
        }
    }

    /// The summed loss of all positions. Writes `weight` × the gradient with respect to the scored vectors, and adds that of the item
    /// vectors and biases to `gradient`.
    /// - Parameters:
    ///   - parameters: the flat buffer.
    ///   - targets: N items.
    ///   - negatives: what `negatives` returned for these targets.
    ///   - met: items that full cross-entropy leaves out; `nil` when all items are candidates.
    ///   - scored: N × W.
    ///   - scoredGradients: N × W, overwritten.
    ///   - gradient: the flat buffer of the gradient.
    func lossAndGradient(
        _ parameters: UnsafePointer<Float>, targets: UnsafeBufferPointer<Int32>, negatives: TargetNegatives,
        met: MetItems? = nil, scored: UnsafePointer<Float>, weight: Float, scoredGradients: UnsafeMutablePointer<Float>,
        gradient: UnsafeMutablePointer<Float>, arena: inout ScratchArena
    ) -> Double {
        if targets.isEmpty { return 0 }
        switch loss {
        case .crossEntropy:
            return crossEntropy(
                parameters, targets: targets, met: met, scored: scored, weight: weight, scoredGradients: scoredGradients, gradient: gradient,
                arena: &arena)
        case .sampledSoftmax, .bprMax, .binaryCrossEntropy, .generalizedBCE, .bpr:
            return loss.ownNegatives > 0
                ? againstOwn(parameters, targets, negatives, scored, weight, scoredGradients, gradient, &arena)
                : againstShared(parameters, targets, negatives, scored, weight, scoredGradients, gradient, &arena)
        }
    }
}

/// What the targets of a batch are compared with.
struct TargetNegatives {
    /// K items for all targets.
    let shared: [Int32]
    /// k items for each of the N targets, row-major; in the arena.
    let own: UnsafeBufferPointer<Int32>
}
