internal import CKernels

/// The gates of a long short-term memory in the order i, f, g, o (Hochreiter and Schmidhuber 1997 with the forget gate of Gers et
/// al. 2000): c′ = σ(f) ∘ c + σ(i) ∘ tanh(g), h′ = σ(o) ∘ tanh(c′).
extension Kernels {
    /// One step of all rows.
    /// - Parameters:
    ///   - gates: rows × 4H, W_ih x + b_ih + W_hh h + b_hh; replaced by the gates' values.
    ///   - previousCell: rows × H, c.
    ///   - cell: rows × H, receives c′.
    ///   - next: rows × H, receives h′.
    public static func lstmForward(
        rows: Int, width: Int, gates: UnsafeMutablePointer<Float>, previousCell: UnsafePointer<Float>, cell: UnsafeMutablePointer<Float>,
        next: UnsafeMutablePointer<Float>
    ) {
        tributary_lstm_forward(Int64(rows), Int64(width), gates, previousCell, cell, next)
    }

    /// The step's derivative.
    /// - Parameters:
    ///   - stateGradient: rows × H, with respect to h′.
    ///   - gates: rows × 4H as the forward step left them; cells likewise.
    ///   - cellGradient: rows × H, with respect to c′ but through h′; replaced by that with respect to c.
    ///   - gateGradient: rows × 4H, receives the gradient with respect to what stands before the gates.
    public static func lstmBackward(
        rows: Int, width: Int, stateGradient: UnsafePointer<Float>, gates: UnsafePointer<Float>, previousCell: UnsafePointer<Float>,
        cell: UnsafePointer<Float>, cellGradient: UnsafeMutablePointer<Float>, gateGradient: UnsafeMutablePointer<Float>
    ) {
        tributary_lstm_backward(Int64(rows), Int64(width), stateGradient, gates, previousCell, cell, cellGradient, gateGradient)
    }
}
