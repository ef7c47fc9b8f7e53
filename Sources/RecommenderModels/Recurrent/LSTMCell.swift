internal import Tensors

/// A long short-term memory (Hochreiter and Schmidhuber 1997).
enum LSTMCell: RecurrentCell {
    struct Pass: RecurrentPass {
        /// N × 4H: i, f, g, o.
        let gates: UnsafeMutablePointer<Float>
        /// N × H: the cell after each position.
        let cells: UnsafeMutablePointer<Float>
        /// N × H: the cell before each position.
        let previousCells: UnsafeMutablePointer<Float>
        /// The state before each position behind the first step, where it is zero.
        let previous: UnsafeMutablePointer<Float>
        let states: UnsafeMutablePointer<Float>
        /// N × D.
        let inputs: UnsafeMutablePointer<Float>

        static func count(positions N: Int, width H: Int) -> Int { 8 * N * H }

        init(_ memory: UnsafeMutablePointer<Float>, inputs: UnsafeMutablePointer<Float>, batch: PackedBatch, width H: Int) {
            let N = batch.positionCount
            gates = memory
            cells = gates + 4 * N * H
            previousCells = cells + N * H
            previous = previousCells + N * H
            states = previous + N * H
            self.inputs = inputs
        }
    }

    static let name = "lstm"
    static let gates = 4

    static func workCount(positions N: Int, sequences B: Int, width H: Int, inputWidth D: Int) -> Int { 4 * N * H + B * H }

    /// A step's recurrent product is added to what the inputs' product left.
    static func forward(_ layer: RecurrentLayer, _ parameters: UnsafePointer<Float>, batch: PackedBatch, pass: Pass, arena: ScratchArena) {
        let (N, H) = (batch.positionCount, layer.stateWidth)
        let first = batch.rows(0)
        BLAS.multiply(
            pass.inputs, transposed: parameters + layer.inputWeights, into: pass.gates, rows: N, inner: layer.inputWidth, columns: 4 * H)
        Kernels.addBias(parameters + layer.inputBias, toRowsOf: pass.gates, rows: N, width: 4 * H)
        Kernels.addBias(parameters + layer.hiddenBias, toRowsOf: pass.gates, rows: N, width: 4 * H)
        for step in 0..<batch.stepCount {
            let (rows, start) = (batch.rows(step), batch.start(step))
            let gates = pass.gates + start * 4 * H
            let cellBefore = pass.previousCells + start * H
            if step == 0 {
                cellBefore.update(repeating: 0, count: rows * H)
            } else {
                let before = pass.previous + (start - first) * H
                before.update(from: pass.states + batch.start(step - 1) * H, count: rows * H)
                cellBefore.update(from: pass.cells + batch.start(step - 1) * H, count: rows * H)
                BLAS.multiply(
                    before, transposed: parameters + layer.hiddenWeights, into: gates, rows: rows, inner: H, columns: 4 * H,
                    accumulating: true)
            }
            Kernels.lstmForward(
                rows: rows, width: H, gates: gates, previousCell: cellBefore, cell: pass.cells + start * H, next: pass.states + start * H)
        }
    }

    static func backward(
        _ layer: RecurrentLayer, _ parameters: UnsafePointer<Float>, batch: PackedBatch, pass: Pass,
        stateGradients: UnsafeMutablePointer<Float>, inputGradients: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>,
        arena: ScratchArena
    ) {
        var arena = arena
        let (N, H) = (batch.positionCount, layer.stateWidth)
        let first = batch.rows(0)
        let gateGradients = arena.take(N * 4 * H)
        let cellGradients = arena.takeZeros(first * H)
        for step in (0..<batch.stepCount).reversed() {
            let (rows, start) = (batch.rows(step), batch.start(step))
            let here = gateGradients + start * 4 * H
            Kernels.lstmBackward(
                rows: rows, width: H, stateGradient: stateGradients + start * H, gates: pass.gates + start * 4 * H,
                previousCell: pass.previousCells + start * H, cell: pass.cells + start * H, cellGradient: cellGradients, gateGradient: here)
            if step > 0 {
                BLAS.multiply(
                    here, parameters + layer.hiddenWeights, into: stateGradients + batch.start(step - 1) * H, rows: rows, inner: 4 * H,
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
