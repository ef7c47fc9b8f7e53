public import SeededRandom
public import Tensors

extension BERT4Rec {
    public func accumulateGradient(
        _ parameters: [Float], sequences: [ArraySlice<Int32>], negatives: [Int32], stream: RandomStream?, weight: Float,
        into gradient: inout GradientBuffer, scratch: inout ScratchMemory
    ) -> LossSum {
        var numbers = stream?.child("hidden events") ?? RandomStream(seed: 0, "hidden events")
        return accumulate(
            parameters, sequences: sequences, hiding: .drawn(key: numbers.next()), negatives: negatives, stream: stream, weight: weight,
            into: &gradient, scratch: &scratch)
    }

    /// The same with the hidden events given: for each sequence their places within the last L events, ascending.
    package func accumulateGradient(
        _ parameters: [Float], sequences: [ArraySlice<Int32>], hidden: [[Int]], negatives: [Int32], stream: RandomStream?, weight: Float,
        into gradient: inout GradientBuffer, scratch: inout ScratchMemory
    ) -> LossSum {
        precondition(hidden.count == sequences.count, "hidden events are given for every sequence")
        return accumulate(
            parameters, sequences: sequences, hiding: .given(hidden), negatives: negatives, stream: stream, weight: weight, into: &gradient,
            scratch: &scratch)
    }

    private func accumulate(
        _ parameters: [Float], sequences: [ArraySlice<Int32>], hiding: Hiding, negatives: [Int32], stream: RandomStream?, weight: Float,
        into gradient: inout GradientBuffer, scratch: inout ScratchMemory
    ) -> LossSum {
        precondition(parameters.count == layout.count, "\(parameters.count) parameters do not fill a layout of \(layout.count)")
        var dropoutKey: UInt64?
        if let stream {
            var numbers = stream.child("dropout")
            dropoutKey = numbers.next()
        }
        var total = LossSum()
        SequenceChunk.forEach(sequences, hasTargets: false, maximumLength: configuration.maximumLength) { chunk in
            total += scratch.withArena(of: trainingScratch(chunk)) { arena in
                let batch = RaggedBatch(
                    sequences[chunk.range], hasTargets: false, limit: configuration.maximumLength, order: .mostRecentFirst, arena: &arena)
                // Before the mask token stands among the items: a hidden item is touched as a target, too.
                gradient.touch(0, rows: UnsafeBufferPointer(start: batch.inputs, count: chunk.positions))
                let positions = arena.takeIntegers(chunk.positions)
                let M = hide(hiding, in: batch, first: chunk.range.lowerBound, positions: positions)
                if M == 0 { return LossSum() }
                let targets = UnsafeBufferPointer(start: batch.targets, count: M)
                let own = head.negatives(
                    targets: targets, shared: negatives, stream: stream?.child("own negatives").child(chunk.range.lowerBound), arena: &arena)
                head.touch(targets: targets, negatives: own, in: &gradient)
                let pass = SASRecPass(
                    core, batch: batch, dropout: SASRecDropout(core.configuration, key: dropoutKey, chunk: chunk), arena: &arena)
                let loss = parameters.withUnsafeBufferPointer { parameters in
                    gradient.values.withUnsafeMutableBufferPointer { gradient in
                        backpropagate(
                            parameters.baseAddress!, pass, hidden: UnsafeBufferPointer(start: positions, count: M), targets: targets,
                            negatives: own, weight: weight, gradient: gradient.baseAddress!, arena: &arena)
                    }
                }
                return LossSum(loss: loss, targets: M)
            }
        }
        return total
    }

    /// Floats a chunk takes from the arena.
    private func trainingScratch(_ chunk: SequenceChunk) -> Int {
        let (N, longest) = (chunk.positions, chunk.longest)
        return RaggedBatch.scratchCount(sequences: chunk.range.count, positions: N) + N
            + SASRecPass.scratchCount(core.configuration, positions: N, longest: longest)
            + max(N * width, SequenceAttention.tileCount(longest: longest)) + core.largestLayer + head.scratchCount(positions: N) + 6 * N * width
            + core.backwardScratch(positions: N, longest: longest)
    }

    /// - Parameters:
    ///   - hidden: M positions of the batch.
    ///   - targets: the M items that stood there.
    private func backpropagate(
        _ parameters: UnsafePointer<Float>, _ pass: SASRecPass, hidden: UnsafeBufferPointer<Int32>, targets: UnsafeBufferPointer<Int32>,
        negatives: TargetNegatives, weight: Float, gradient: UnsafeMutablePointer<Float>, arena: inout ScratchArena
    ) -> Double {
        let (N, M, D) = (pass.batch.positionCount, hidden.count, width)
        core.forward(parameters, pass, arena: &arena)
        // Only hidden positions go on.
        let states = arena.take(M * D)
        gather(hidden, from: pass.scored, width: D, into: states)
        let linear = arena.take(M * D)
        let scored = arena.take(M * D)
        transform(parameters, states, linear: linear, into: scored, rows: M)

        let scoredGradients = arena.take(M * D)
        let loss = head.lossAndGradient(
            parameters, targets: targets, negatives: negatives, scored: scored, weight: weight, scoredGradients: scoredGradients,
            gradient: gradient, arena: &arena)
        var sink = SummedGradients(model: core, gradient: gradient)
        Kernels.geluBackward(scoredGradients, inputs: linear, count: M * D, .none)
        sink.linear(transform, inputs: states, gradients: scoredGradients, rows: M)
        let stateGradients = arena.take(M * D)
        BLAS.multiply(scoredGradients, parameters + transform.weights, into: stateGradients, rows: M, inner: D, columns: D)
        let passGradients = arena.takeZeros(N * D)
        scatter(stateGradients, to: hidden, of: passGradients, width: D)
        core.backward(parameters, pass, scoredGradients: passGradients, into: &sink, arena: &arena)
        return loss
    }

    /// out ← GELU(x Wᵀ + w), rows × D.
    /// - Parameter linear: receives x Wᵀ + w.
    func transform(
        _ parameters: UnsafePointer<Float>, _ x: UnsafePointer<Float>, linear: UnsafeMutablePointer<Float>,
        into out: UnsafeMutablePointer<Float>, rows: Int
    ) {
        core.apply(parameters, transform, x, into: linear, rows: rows)
        Kernels.gelu(linear, bias: parameters + transform.bias, into: out, rows: rows, width: width, .none)
    }
}
