internal import Tensors

/// What a layer's forward pass leaves for its backward pass. P = N less the rows of the first step, whose state before is zero.
struct MemoryPass {
    /// N × 4H: i, f, g, o.
    let gates: UnsafeMutablePointer<Float>
    /// N × H: the cell after each position.
    let cells: UnsafeMutablePointer<Float>
    /// N × H: the cell before each position.
    let previousCells: UnsafeMutablePointer<Float>
    /// P × H: the state before each position behind the first step.
    let previous: UnsafeMutablePointer<Float>
    /// N × H: the state after each position.
    let states: UnsafeMutablePointer<Float>
    /// N × input width.
    let inputs: UnsafeMutablePointer<Float>

    static func scratchCount(positions N: Int, width H: Int) -> Int { 8 * N * H }
}

extension LSTM {
    /// One layer over all positions; a step's recurrent product is added to what the inputs' product left.
    /// - Parameters:
    ///   - parameters: the flat buffer.
    ///   - inputs: N × input width; kept by reference.
    func recur(
        _ layer: Places.Layer, _ parameters: UnsafePointer<Float>, batch: PackedBatch, inputs: UnsafeMutablePointer<Float>,
        arena: inout ScratchArena
    ) -> MemoryPass {
        let (N, H) = (batch.positionCount, stateWidth)
        let first = batch.counts[0]
        let pass = MemoryPass(
            gates: arena.take(N * 4 * H), cells: arena.take(N * H), previousCells: arena.take(N * H), previous: arena.take((N - first) * H),
            states: arena.take(N * H), inputs: inputs)
        BLAS.multiply(
            inputs, transposed: parameters + layer.inputWeights, into: pass.gates, rows: N, inner: layer.inputWidth, columns: 4 * H)
        Kernels.addBias(parameters + layer.inputBias, toRowsOf: pass.gates, rows: N, width: 4 * H)
        Kernels.addBias(parameters + layer.hiddenBias, toRowsOf: pass.gates, rows: N, width: 4 * H)
        for step in 0..<batch.stepCount {
            let (rows, start) = (batch.counts[step], batch.offsets[step])
            let gates = pass.gates + start * 4 * H
            let cellBefore = pass.previousCells + start * H
            if step == 0 {
                cellBefore.update(repeating: 0, count: rows * H)
            } else {
                let before = pass.previous + (start - first) * H
                before.update(from: pass.states + batch.offsets[step - 1] * H, count: rows * H)
                cellBefore.update(from: pass.cells + batch.offsets[step - 1] * H, count: rows * H)
                BLAS.multiply(
                    before, transposed: parameters + layer.hiddenWeights, into: gates, rows: rows, inner: H, columns: 4 * H,
                    accumulating: true)
            }
            Kernels.lstmForward(
                rows: rows, width: H, gates: gates, previousCell: cellBefore, cell: pass.cells + start * H, next: pass.states + start * H)
        }
        return pass
    }

    /// The layer's derivative: adds the gradients of its weights to `gradient`.
    /// - Parameters:
    ///   - stateGradients: N × H, with respect to the states; overwritten.
    ///   - inputGradients: N × input width, receives the gradient with respect to the inputs.
    ///   - gateGradients: room for N × 4H.
    ///   - cellGradients: room for the rows of the first step × H.
    func unrecur(
        _ layer: Places.Layer, _ parameters: UnsafePointer<Float>, batch: PackedBatch, pass: MemoryPass,
        stateGradients: UnsafeMutablePointer<Float>, inputGradients: UnsafeMutablePointer<Float>,
        gateGradients: UnsafeMutablePointer<Float>, cellGradients: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>
    ) {
        let (N, H) = (batch.positionCount, stateWidth)
        let first = batch.counts[0]
        cellGradients.update(repeating: 0, count: first * H)
        for step in (0..<batch.stepCount).reversed() {
            let (rows, start) = (batch.counts[step], batch.offsets[step])
            let here = gateGradients + start * 4 * H
            Kernels.lstmBackward(
                rows: rows, width: H, stateGradient: stateGradients + start * H, gates: pass.gates + start * 4 * H,
                previousCell: pass.previousCells + start * H, cell: pass.cells + start * H, cellGradient: cellGradients, gateGradient: here)
            if step > 0 {
                BLAS.multiply(
                    here, parameters + layer.hiddenWeights, into: stateGradients + batch.offsets[step - 1] * H, rows: rows, inner: 4 * H,
                    columns: H, accumulating: true)
            }
        }
        BLAS.multiply(
            transposed: gateGradients, pass.inputs, into: gradient + layer.inputWeights, rows: 4 * H, inner: N, columns: layer.inputWidth,
            accumulating: true)
        BLAS.multiply(
            transposed: gateGradients + first * 4 * H, pass.previous, into: gradient + layer.hiddenWeights, rows: 4 * H, inner: N - first,
            columns: H, accumulating: true)
        Kernels.addColumnSums(of: gateGradients, rows: N, width: 4 * H, to: gradient + layer.inputBias)
        Kernels.addColumnSums(of: gateGradients, rows: N, width: 4 * H, to: gradient + layer.hiddenBias)
        BLAS.multiply(
            gateGradients, parameters + layer.inputWeights, into: inputGradients, rows: N, inner: 4 * H, columns: layer.inputWidth)
    }
}
