internal import Tensors

/// A gated recurrent unit (Cho et al. 2014).
enum GRUCell: RecurrentCell {
    struct Pass: RecurrentPass {
        /// N × 3H: r, z, n.
        let gates: UnsafeMutablePointer<Float>
        /// N × H: W_hn h + b_hn.
        let resetInput: UnsafeMutablePointer<Float>
        /// N × H: the state before each position.
        let previous: UnsafeMutablePointer<Float>
        let states: UnsafeMutablePointer<Float>
        /// N × D.
        let inputs: UnsafeMutablePointer<Float>

        static func count(positions N: Int, width H: Int) -> Int { 6 * N * H }

        init(_ memory: UnsafeMutablePointer<Float>, inputs: UnsafeMutablePointer<Float>, batch: PackedBatch, width H: Int) {
            let N = batch.positionCount
            gates = memory
            resetInput = gates + 3 * N * H
            previous = resetInput + N * H
            states = previous + N * H
            self.inputs = inputs
        }
    }

    static let name = "gru"
    static let gates = 3

    static func workCount(positions N: Int, sequences B: Int, width H: Int, inputWidth D: Int) -> Int {
        max(3 * H * (max(H, D) + B), 6 * N * H)
    }

    static func forward(_ layer: RecurrentLayer, _ parameters: UnsafePointer<Float>, batch: PackedBatch, pass: Pass, arena: ScratchArena) {
        var arena = arena
        let (N, H) = (batch.positionCount, layer.stateWidth)
        let turned = arena.take(3 * H * max(H, layer.inputWidth))
        let products = arena.take(batch.rows(0) * 3 * H)
        BLAS.multiply(
            pass.inputs, transposed: parameters + layer.inputWeights, turned: turned, into: pass.gates, rows: N, inner: layer.inputWidth,
            columns: 3 * H)
        Kernels.transpose(parameters + layer.hiddenWeights, rows: 3 * H, columns: H, into: turned)
        Kernels.addBias(parameters + layer.inputBias, toRowsOf: pass.gates, rows: N, width: 3 * H)
        for step in 0..<batch.stepCount {
            let (rows, start) = (batch.rows(step), batch.start(step))
            let before = pass.previous + start * H
            if step == 0 {
                before.update(repeating: 0, count: rows * H)
                products.update(repeating: 0, count: rows * 3 * H)
            } else {
                before.update(from: pass.states + batch.start(step - 1) * H, count: rows * H)
                BLAS.multiply(before, turned, into: products, rows: rows, inner: H, columns: 3 * H)
            }
            Kernels.gruForward(
                rows: rows, width: H, gates: pass.gates + start * 3 * H, hiddenProducts: products, bias: parameters + layer.hiddenBias,
                previous: before, resetInput: pass.resetInput + start * H, next: pass.states + start * H)
        }
    }

    static func backward(
        _ layer: RecurrentLayer, _ parameters: UnsafePointer<Float>, batch: PackedBatch, pass: Pass,
        stateGradients: UnsafeMutablePointer<Float>, inputGradients: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>,
        arena: ScratchArena
    ) {
        var arena = arena
        let (N, H) = (batch.positionCount, layer.stateWidth)
        let inputSide = arena.take(N * 3 * H)
        let hiddenSide = arena.take(N * 3 * H)
        for step in (0..<batch.stepCount).reversed() {
            let (rows, start) = (batch.rows(step), batch.start(step))
            let here = stateGradients + start * H
            Kernels.gruBackward(
                rows: rows, width: H, stateGradient: here, gates: pass.gates + start * 3 * H, resetInput: pass.resetInput + start * H,
                previous: pass.previous + start * H, inputSide: inputSide + start * 3 * H, hiddenSide: hiddenSide + start * 3 * H)
            if step > 0 {
                BLAS.multiply(
                    hiddenSide + start * 3 * H, parameters + layer.hiddenWeights, into: here, rows: rows, inner: 3 * H, columns: H,
                    accumulating: true)
                Kernels.add(here, to: stateGradients + batch.start(step - 1) * H, count: rows * H)
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
