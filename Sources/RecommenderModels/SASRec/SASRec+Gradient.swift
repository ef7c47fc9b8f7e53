public import SeededRandom
public import Tensors

extension SASRec {
    public func accumulateGradient(
        _ parameters: [Float], sequences: [ArraySlice<Int32>], negatives: [Int32], stream: RandomStream?, weight: Float,
        into gradient: inout GradientBuffer, scratch: inout ScratchMemory
    ) -> LossSum {
        precondition(parameters.count == layout.count, "\(parameters.count) parameters do not fill a layout of \(layout.count)")
        var key: UInt64?
        if let stream {
            var numbers = stream.child("dropout")
            key = numbers.next()
        }
        var total = LossSum()
        SequenceChunk.forEach(sequences, hasTargets: true, maximumLength: configuration.maximumLength) { chunk in
            let loss = scratch.withArena(of: trainingScratch(chunk)) { arena in
                let batch = RaggedBatch(
                    sequences[chunk.range], hasTargets: true, limit: configuration.maximumLength, order: configuration.positions,
                    arena: &arena)
                return accumulate(
                    parameters, batch: batch, shared: negatives, dropout: SASRecDropout(configuration, key: key, chunk: chunk),
                    stream: stream?.child("own negatives").child(chunk.range.lowerBound), weight: weight, into: &gradient, arena: &arena)
            }
            total += LossSum(loss: loss, targets: chunk.positions)
        }
        return total
    }

    /// Floats a chunk takes from the arena.
    private func trainingScratch(_ chunk: SequenceChunk) -> Int {
        let (N, longest) = (chunk.positions, chunk.longest)
        return RaggedBatch.scratchCount(sequences: chunk.range.count, positions: N)
            + (configuration.leavesOutMet ? 3 * N + chunk.range.count : 0)
            + SASRecPass.scratchCount(configuration, positions: N, longest: longest)
            + max(N * width, SequenceAttention.tileCount(longest: longest)) + largestLayer + head.scratchCount(positions: N) + N * width
            + backwardScratch(positions: N, longest: longest)
    }

    /// One chunk: forward, loss, backward.
    private func accumulate(
        _ parameters: [Float], batch: RaggedBatch, shared: [Int32], dropout: SASRecDropout, stream: RandomStream?, weight: Float,
        into gradient: inout GradientBuffer, arena: inout ScratchArena
    ) -> Double {
        let N = batch.positionCount
        let targets = UnsafeBufferPointer(start: batch.targets, count: N)
        let negatives = head.negatives(targets: targets, shared: shared, stream: stream, arena: &arena)
        gradient.touch(0, rows: UnsafeBufferPointer(start: batch.inputs, count: N))
        head.touch(targets: targets, negatives: negatives, in: &gradient)
        let met = configuration.leavesOutMet ? MetItems(batch, arena: &arena) : nil
        let pass = SASRecPass(self, batch: batch, dropout: dropout, arena: &arena)
        return parameters.withUnsafeBufferPointer { buffer in
            let parameters = buffer.baseAddress!
            forward(parameters, pass, arena: &arena)
            return gradient.values.withUnsafeMutableBufferPointer { gradient in
                let scoredGradients = arena.take(N * width)
                let loss = head.lossAndGradient(
                    parameters, targets: targets, negatives: negatives, met: met, scored: pass.scored, weight: weight, scoredGradients: scoredGradients,
                    gradient: gradient.baseAddress!, arena: &arena)
                var sink = SummedGradients(model: self, gradient: gradient.baseAddress!)
                backward(parameters, pass, scoredGradients: scoredGradients, into: &sink, arena: &arena)
                return loss
            }
        }
    }
}

extension MetItems {
    /// Every item of a position's own sequence, what it reads and what it predicts.
    init(_ batch: RaggedBatch, arena: inout ScratchArena) {
        let items = arena.takeIntegers(batch.positionCount + batch.sequenceCount)
        let ranges = arena.takeIntegers(2 * batch.positionCount)
        var count = 0
        for sequence in 0..<batch.sequenceCount {
            let positions = batch.range(sequence)
            let first = count
            for position in positions {
                items[count] = batch.inputs[position]
                count += 1
            }
            items[count] = batch.targets[positions.upperBound - 1]
            count += 1
            for position in positions {
                ranges[2 * position] = Int32(first)
                ranges[2 * position + 1] = Int32(count)
            }
        }
        self.init(items: items, ranges: ranges)
    }
}
