internal import Tensors

/// Receives what the gradients of a layer's parameters are made of, rows in the order of the batch's positions, so that they can be
/// added up over all rows or taken sequence by sequence. Pointers are valid during the call only.
protocol LayerGradientSink {
    /// A layer y = W x + b: inputs N × input width, gradients of the outputs N × output width.
    mutating func linear(_ layer: SASRec.Places.Linear, inputs: UnsafePointer<Float>, gradients: UnsafePointer<Float>, rows: Int)
    /// A layer normalisation: inputs N × D, statistics N × 2 as the forward pass left them, gradients of the outputs N × D.
    mutating func norm(
        _ norm: SASRec.Places.Norm, inputs: UnsafePointer<Float>, statistics: UnsafePointer<Float>, gradients: UnsafePointer<Float>, rows: Int)
    /// What was read: gradients N × D of √D E[item] + P[place].
    mutating func read(_ batch: RaggedBatch, gradients: UnsafePointer<Float>)
}

/// Adds the gradients of all rows to a flat buffer.
struct SummedGradients: LayerGradientSink {
    let model: SASRec
    let gradient: UnsafeMutablePointer<Float>

    func linear(_ layer: SASRec.Places.Linear, inputs: UnsafePointer<Float>, gradients: UnsafePointer<Float>, rows: Int) {
        BLAS.multiply(
            transposed: gradients, inputs, into: gradient + layer.weights, rows: layer.outputWidth, inner: rows, columns: layer.inputWidth,
            accumulating: true)
        Kernels.addColumnSums(of: gradients, rows: rows, width: layer.outputWidth, to: gradient + layer.bias)
    }

    func norm(
        _ norm: SASRec.Places.Norm, inputs: UnsafePointer<Float>, statistics: UnsafePointer<Float>, gradients: UnsafePointer<Float>, rows: Int
    ) {
        Kernels.layerNormWeights(
            gradients, x: inputs, statistics: statistics, addingTo: gradient + norm.gain, gradient + norm.bias, rows: rows, width: model.width)
    }

    func read(_ batch: RaggedBatch, gradients: UnsafePointer<Float>) {
        let D = model.width
        let scale = Float(D).squareRoot()
        for position in 0..<batch.positionCount {
            let row = gradients + position * D
            Kernels.axpy(scale, row, to: gradient + model.places.embedding + Int(batch.inputs[position]) * D, count: D)
            Kernels.add(row, to: gradient + model.places.positions + Int(batch.places[position]) * D, count: D)
        }
    }
}

extension SASRec {
    /// Floats `backward` takes from the arena.
    func backwardScratch(positions N: Int, longest: Int) -> Int {
        N * ((configuration.residual == .inputs ? 6 : 8) * width + max(width, configuration.feedForwardDimension)) + 2 * SequenceAttention.tileCount(longest: longest)
    }

    /// From the gradient of what is scored to all parameters but the scored vectors.
    /// - Parameter scoredGradients: N × D.
    func backward<Sink: LayerGradientSink>(
        _ parameters: UnsafePointer<Float>, _ pass: SASRecPass, scoredGradients: UnsafePointer<Float>, into sink: inout Sink,
        arena: inout ScratchArena
    ) {
        let (N, D, F) = (pass.batch.positionCount, width, configuration.feedForwardDimension)
        // The gradient of what runs through the blocks; every part adds its own to it.
        let main = arena.takeZeros(N * D)
        let masked = arena.take(N * D)
        let wide = arena.take(N * max(D, F))
        let projectedGradients = arena.take(3 * N * D)
        let normedGradients = arena.take(N * D)
        let split = configuration.residual == .inputs ? projectedGradients : arena.take(2 * N * D)
        let tiles = arena.take(2 * SequenceAttention.tileCount(longest: pass.batch.longest))

        func unnormalize(
            _ norm: Places.Norm, _ gradients: UnsafePointer<Float>, inputs: UnsafePointer<Float>, statistics: UnsafePointer<Float>,
            _ sink: inout Sink
        ) {
            sink.norm(norm, inputs: inputs, statistics: statistics, gradients: gradients, rows: N)
            Kernels.layerNormBackward(
                gradients, x: inputs, statistics: statistics, gain: parameters + norm.gain, addingTo: main, rows: N, width: D)
        }
        /// What ran past a part joins the gradient of what its normalisation made, where it came from.
        func join(_ gradients: UnsafeMutablePointer<Float>) {
            if configuration.residual == .inputs { return }
            Kernels.add(main, to: gradients, count: N * D)
            main.update(repeating: 0, count: N * D)
        }
        func dropped(_ pattern: DropoutPattern) -> UnsafeMutablePointer<Float> {
            if pattern.isNone { return main }
            masked.update(from: main, count: N * D)
            Kernels.dropout(masked, count: N * D, pattern)
            return masked
        }

        unnormalize(places.lastNorm, scoredGradients, inputs: pass.outputs, statistics: pass.statistics, &sink)
        for (index, block) in places.blocks.enumerated().reversed() {
            let kept = pass.block(index)
            let outer = dropped(pass.dropout.pattern(.outer, block: index))
            sink.linear(block.outer, inputs: kept.activated, gradients: outer, rows: N)
            unapply(parameters, block.outer, outer, into: wide, rows: N)
            let inner = pass.dropout.pattern(.inner, block: index)
            switch configuration.activation {
            case .relu: Kernels.reluBackward(wide, outputs: kept.activated, count: N * F, inner)
            case .gelu: Kernels.geluBackward(wide, inputs: kept.inner, count: N * F, inner)
            }
            sink.linear(block.inner, inputs: kept.feedForwardNormed, gradients: wide, rows: N)
            unapply(parameters, block.inner, wide, into: normedGradients, rows: N)
            join(normedGradients)
            unnormalize(block.feedForwardNorm, normedGradients, inputs: kept.middle, statistics: kept.feedForwardStatistics, &sink)

            let attended = dropped(pass.dropout.pattern(.attended, block: index))
            sink.linear(block.output, inputs: kept.attended, gradients: attended, rows: N)
            unapply(parameters, block.output, attended, into: wide, rows: N)
            attention(pass.dropout.pattern(.attention, block: index)).backward(
                pass.batch, projected: kept.projected, shares: kept.shares, attendedGradients: wide, projectedGradients: projectedGradients,
                spare: tiles)
            switch configuration.residual {
            case .inputs:
                sink.linear(block.projections, inputs: kept.attentionNormed, gradients: projectedGradients, rows: N)
                unapply(parameters, block.projections, projectedGradients, into: normedGradients, rows: N)
            case .normalized:
                gather(projectedGradients, columns: 0..<D, into: split, rows: N)
                sink.linear(block.queries, inputs: kept.attentionNormed, gradients: split, rows: N)
                unapply(parameters, block.queries, split, into: normedGradients, rows: N)
                join(normedGradients)
                gather(projectedGradients, columns: D..<(3 * D), into: split, rows: N)
                sink.linear(block.keysAndValues, inputs: kept.inputs, gradients: split, rows: N)
                unapply(parameters, block.keysAndValues, split, into: main, rows: N)
            }
            unnormalize(block.attentionNorm, normedGradients, inputs: kept.inputs, statistics: kept.attentionStatistics, &sink)
        }
        Kernels.dropout(main, count: N * D, pass.dropout.embedding)
        sink.read(pass.batch, gradients: main)
    }

    /// Some columns of N × 3D, side by side without gaps.
    private func gather(_ projected: UnsafePointer<Float>, columns: Range<Int>, into out: UnsafeMutablePointer<Float>, rows: Int) {
        for row in 0..<rows {
            (out + row * columns.count).update(from: projected + row * 3 * width + columns.lowerBound, count: columns.count)
        }
    }

    /// The gradient of a layer's inputs from that of its outputs.
    private func unapply(
        _ parameters: UnsafePointer<Float>, _ layer: Places.Linear, _ gradients: UnsafePointer<Float>,
        into out: UnsafeMutablePointer<Float>, rows: Int
    ) {
        BLAS.multiply(
            gradients, parameters + layer.weights, into: out, rows: rows, inner: layer.outputWidth, columns: layer.inputWidth)
    }
}
