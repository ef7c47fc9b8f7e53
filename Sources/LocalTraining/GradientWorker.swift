internal import RecommenderModels
internal import SeededRandom
internal import Tensors

/// Computes gradients of pieces of batches, one after the other, in memory of its own.
actor GradientWorker {
    private let model: any Recommender
    private var scratch = ScratchMemory()
    private var spare: [GradientBuffer] = []

    init(_ model: any Recommender) { self.model = model }

    func gradient(
        _ parameters: [Float], _ sequences: [ArraySlice<Int32>], negatives: [Int32], stream: RandomStream, weight: Float
    ) -> (GradientBuffer, LossSum) {
        var gradient = spare.popLast() ?? GradientBuffer(model)
        let loss = model.accumulateGradient(
            parameters, sequences: sequences, negatives: negatives, stream: stream, weight: weight, into: &gradient, scratch: &scratch)
        return (gradient, loss)
    }

    /// Takes back a buffer that is no longer needed.
    func recycle(_ gradient: consuming GradientBuffer) {
        var gradient = gradient
        gradient.reset()
        if spare.count < 4 { spare.append(gradient) }
    }
}
