internal import RecommenderModels
internal import SeededRandom
internal import Tensors

/// Gradients of mini-batches, each computed in pieces by as many workers as there are.
///
/// A batch is split into pieces in a way that depends on its size only, and the pieces' gradients are added in their order, so
/// that the result is bit-identical for any number of workers (on one type of CPU).
struct BatchGradients: Sendable {
    private let model: any Recommender
    private let pool: [GradientWorker]

    init(_ model: any Recommender, workers: Int) {
        self.model = model
        pool = (0..<workers).map { _ in GradientWorker(model) }
    }

    /// The gradient of the batch's mean loss; `nil` when it has no targets.
    /// - Parameters:
    ///   - negatives: the items that the step's sequences share.
    ///   - stream: the step's dropout and own negatives.
    func gradient(
        _ parameters: [Float], _ batch: [ArraySlice<Int32>], negatives: [Int32], stream: RandomStream
    ) async -> (GradientBuffer?, LossSum) {
        let pieces = Self.pieces(batch)
        let weight = 1 / Float(max(1, model.targetCount(of: batch)))
        let results = await withTaskGroup(of: [(Int, GradientBuffer, LossSum)].self) { group in
            for (index, worker) in pool.enumerated() where index < pieces.count {
                group.addTask {
                    var results: [(Int, GradientBuffer, LossSum)] = []
                    for piece in stride(from: index, to: pieces.count, by: pool.count) {
                        let (gradient, loss) = await worker.gradient(
                            parameters, pieces[piece], negatives: negatives, stream: stream.child(piece), weight: weight)
                        results.append((piece, gradient, loss))
                    }
                    return results
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        var total: GradientBuffer?
        var loss = LossSum()
        for (piece, gradient, pieceLoss) in results.sorted(by: { $0.0 < $1.0 }) {
            loss += pieceLoss
            if total == nil {
                total = gradient
            } else {
                total?.add(gradient)
                await pool[piece % pool.count].recycle(gradient)
            }
        }
        return (loss.targets > 0 ? total : nil, loss)
    }

    /// Takes back a gradient that is no longer needed.
    func recycle(_ gradient: consuming GradientBuffer) async { await pool[0].recycle(gradient) }

    /// Parts of about equal work: longest sequences dealt first, in turn. Their number depends on the batch's size only.
    static func pieces(_ batch: [ArraySlice<Int32>]) -> [[ArraySlice<Int32>]] {
        let count = min(max(batch.count / 16, 1), 8)
        var pieces = [[ArraySlice<Int32>]](repeating: [], count: count)
        let order = batch.indices.sorted { (batch[$1].count, $0) < (batch[$0].count, $1) }
        for (rank, index) in order.enumerated() { pieces[rank % count].append(batch[index]) }
        return pieces
    }
}
