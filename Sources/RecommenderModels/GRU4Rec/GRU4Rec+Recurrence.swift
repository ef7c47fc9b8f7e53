internal import Tensors

/// What a layer's forward pass leaves for its backward pass.
struct RecurrentPass {
    /// N × 3H: r, z, n.
    let gates: UnsafeMutablePointer<Float>
    /// N × H: W_hn h + b_hn.
    let resetInput: UnsafeMutablePointer<Float>
    /// N × H: the state before each position.
    let previous: UnsafeMutablePointer<Float>
    /// N × H: the state after each position.
    let states: UnsafeMutablePointer<Float>
    /// N × input width.
    let inputs: UnsafeMutablePointer<Float>

    static func scratchCount(positions N: Int, width H: Int, inputWidth D: Int) -> Int { 6 * N * H + 3 * H * max(D, H) }
}

extension GRU4Rec {
    /// One layer over all positions.
    /// - Parameters:
    ///   - parameters: the flat buffer.
    ///   - inputs: N × input width; kept by reference.
    ///   - products: room for 3H × the rows of the first step.
    func recur(
        _ layer: Places.Layer, _ parameters: UnsafePointer<Float>, batch: PackedBatch, inputs: UnsafeMutablePointer<Float>,
        products: UnsafeMutablePointer<Float>, arena: inout ScratchArena
    ) -> RecurrentPass {
        let (N, H) = (batch.positionCount, stateWidth)
        let pass = RecurrentPass(
            gates: arena.take(N * 3 * H), resetInput: arena.take(N * H), previous: arena.take(N * H), states: arena.take(N * H),
            inputs: inputs)
        let turned = arena.take(3 * H * max(H, layer.inputWidth))
        BLAS.multiply(
            inputs, transposed: parameters + layer.inputWeights, turned: turned, into: pass.gates, rows: N, inner: layer.inputWidth,
            columns: 3 * H)
        Kernels.transpose(parameters + layer.hiddenWeights, rows: 3 * H, columns: H, into: turned)
        Kernels.addBias(parameters + layer.inputBias, toRowsOf: pass.gates, rows: N, width: 3 * H)
        for step in 0..<batch.stepCount {
            let (rows, start) = (batch.counts[step], batch.offsets[step])
            let before = pass.previous + start * H
            if step == 0 {
                before.update(repeating: 0, count: rows * H)
                products.update(repeating: 0, count: rows * 3 * H)
            } else {
                before.update(from: pass.states + batch.offsets[step - 1] * H, count: rows * H)
                BLAS.multiply(before, turned, into: products, rows: rows, inner: H, columns: 3 * H)
            }
            Kernels.gruForward(
                rows: rows, width: H, gates: pass.gates + start * 3 * H, hiddenProducts: products, bias: parameters + layer.hiddenBias,
                previous: before, resetInput: pass.resetInput + start * H, next: pass.states + start * H)
        }
        return pass
    }

    /// The layer's derivative: adds the gradients of its weights to `gradient`.
    /// - Parameters:
    ///   - stateGradients: N × H, with respect to the states; overwritten.
    ///   - inputGradients: N × input width, receives the gradient with respect to the inputs.
    ///   - sides: room for 2 × N × 3H.
    func unrecur(
        _ layer: Places.Layer, _ parameters: UnsafePointer<Float>, batch: PackedBatch, pass: RecurrentPass,
        stateGradients: UnsafeMutablePointer<Float>, inputGradients: UnsafeMutablePointer<Float>, sides: UnsafeMutablePointer<Float>,
        gradient: UnsafeMutablePointer<Float>
    ) {
        let (N, H) = (batch.positionCount, stateWidth)
        let inputSide = sides
        let hiddenSide = sides + N * 3 * H
        for step in (0..<batch.stepCount).reversed() {
            let (rows, start) = (batch.counts[step], batch.offsets[step])
            let here = stateGradients + start * H
            Kernels.gruBackward(
                rows: rows, width: H, stateGradient: here, gates: pass.gates + start * 3 * H, resetInput: pass.resetInput + start * H,
                previous: pass.previous + start * H, inputSide: inputSide + start * 3 * H, hiddenSide: hiddenSide + start * 3 * H)
            if step > 0 {
                BLAS.multiply(
                    hiddenSide + start * 3 * H, parameters + layer.hiddenWeights, into: here, rows: rows, inner: 3 * H, columns: H,
                    accumulating: true)
                Kernels.add(here, to: stateGradients + batch.offsets[step - 1] * H, count: rows * H)
            }
        }
        BLAS.multiply(
            transposed: inputSide, pass.inputs, into: gradient + layer.inputWeights, rows: 3 * H, inner: N, columns: layer.inputWidth,
            accumulating: true)
        BLAS.multiply(
            transposed: hiddenSide, pass.previous, into: gradient + layer.hiddenWeights, rows: 3 * H, inner: N, columns: H,
            accumulating: true)
        Kernels.addColumnSums(of: inputSide, rows: N, width: 3 * H, to: gradient + layer.inputBias)
        Kernels.addColumnSums(of: hiddenSide, rows: N, width: 3 * H, to: gradient + layer.hiddenBias)
        BLAS.multiply(
            inputSide, parameters + layer.inputWeights, into: inputGradients, rows: N, inner: 3 * H, columns: layer.inputWidth)
    }
}
