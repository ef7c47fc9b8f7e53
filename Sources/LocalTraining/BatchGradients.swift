package import RecommenderModels
package import SeededRandom
internal import Tensors

/// Gradients of mini-batches, each computed in pieces by as many workers as there are, one batch after the other in the same memory.
///
/// A batch is split into pieces in a way that depends on its size only, and the pieces' gradients are added in their order, so
/// that the result is bit-identical for any number of workers (on one type of CPU).
package struct BatchGradients: Sendable {
    private let model: any Recommender
    private let workers: Int
    private var pieces = BatchPieces()
    /// The first piece's gradient, and then that of the batch.
    package private(set) var sum: GradientBuffer
    /// Those of the other pieces.
    private var others: [GradientBuffer] = []
    private var scratches: [ScratchMemory]
    private var losses = [LossSum](repeating: LossSum(), count: BatchPieces.limit)
    private var blocks = RangeBlocks()

    package init(_ model: any Recommender, workers: Int) {
        self.model = model
        self.workers = workers
        sum = GradientBuffer(model)
        scratches = [ScratchMemory](repeating: ScratchMemory(), count: workers)
    }

    /// Computes the gradient of the batch's mean loss into `sum`, which must be zero.
    /// - Parameters:
    ///   - negatives: the items that the step's sequences share.
    ///   - stream: the step's dropout and own negatives.
    /// - Returns: no targets when there is no gradient.
    package mutating func add(_ parameters: [Float], _ batch: [ArraySlice<Int32>], negatives: [Int32], stream: RandomStream) -> LossSum {
        pieces.deal(batch)
        while others.count < pieces.count - 1 { others.append(GradientBuffer(model)) }
        compute(parameters, weight: 1 / Float(max(1, model.targetCount(of: batch))), negatives: negatives, stream: stream)
        var loss = LossSum()
        for piece in 0..<pieces.count { loss += losses[piece] }
        if pieces.count > 1 { addOthers() }
        return loss
    }

    private mutating func compute(_ parameters: [Float], weight: Float, negatives: [Int32], stream: RandomStream) {
        let (model, pieces, workers) = (model, pieces, workers)
        withUnsafeMutablePointer(to: &sum) { sum in
            others.withUnsafeMutableBufferPointer { others in
                // Without other pieces their place is never asked for.
                let others = others.baseAddress ?? sum
                scratches.withUnsafeMutableBufferPointer { scratches in
                    losses.withUnsafeMutableBufferPointer { losses in
                        Parallel.forEach(min(workers, pieces.count), workers: workers) { worker in
                            for piece in stride(from: worker, to: pieces.count, by: workers) {
                                // Every piece has a gradient of its own, every worker its scratch memory.
                                let gradient = piece == 0 ? sum : others + (piece - 1)
                                losses[piece] = model.accumulateGradient(
                                    parameters, sequences: pieces[piece], negatives: negatives, stream: stream.child(piece), weight: weight,
                                    into: &gradient.pointee, scratch: &scratches[worker])
                            }
                        }
                    }
                }
            }
        }
    }

    /// Adds the other pieces' gradients to the first one's, in their order, and leaves them zero.
    private mutating func addOthers() {
        let count = pieces.count - 1
        for piece in 0..<count { sum.formUnion(touchedBy: others[piece]) }
        blocks.cut(sum)
        let (blocks, workers) = (blocks, workers)
        sum.values.withUnsafeMutableBufferPointer { sum in
            guard let sum = sum.baseAddress else { return }
            others.withUnsafeMutableBufferPointer { others in
                Self.withValues(of: UnsafeMutableBufferPointer(rebasing: others[..<count])) { others in
                    blocks.forEach(workers: workers) { block in
                        for values in others {
                            Kernels.add(values + block.lowerBound, to: sum + block.lowerBound, count: block.count)
                            (values + block.lowerBound).update(repeating: 0, count: block.count)
                        }
                    }
                }
            }
        }
        for piece in 0..<count { others[piece].forgetRows() }
    }

    private typealias Places = UnsafeMutableBufferPointer<UnsafeMutablePointer<Float>>

    /// Gives the places of all gradients' values at once.
    private static func withValues(of buffers: UnsafeMutableBufferPointer<GradientBuffer>, _ body: (Places) -> Void) {
        withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<Float>.self, capacity: BatchPieces.limit) { enter(buffers, 0, $0, body) }
    }

    private static func enter(_ buffers: UnsafeMutableBufferPointer<GradientBuffer>, _ index: Int, _ places: Places, _ body: (Places) -> Void) {
        if index == buffers.count { return body(UnsafeMutableBufferPointer(rebasing: places[..<index])) }
        buffers[index].values.withUnsafeMutableBufferPointer { values in
            guard let start = values.baseAddress else { return }
            places.initializeElement(at: index, to: start)
            enter(buffers, index + 1, places, body)
        }
    }

    /// Zero again, at the cost of what was touched.
    package mutating func clear() { sum.reset() }

    /// Scales a longer gradient down to that L2 norm.
    mutating func clip(to bound: Float) {
        let squared = sum.activeRanges.reduce(0.0) { $0 + Kernels.squaredNorm(sum.values[$1]) }
        guard squared > Double(bound) * Double(bound) else { return }
        let factor = Float(Double(bound) / squared.squareRoot())
        sum.updateActiveRanges { Kernels.scale($1, by: factor, count: $0.count) }
    }
}
