internal import CKernels

/// The gates of a gated recurrent unit in the order r, z, n, with the reset gate behind the hidden product:
/// r = σ(W_ir x + b_ir + W_hr h + b_hr), z likewise, n = tanh(W_in x + b_in + r ∘ (W_hn h + b_hn)), h′ = (1 − z) ∘ n + z ∘ h.
extension Kernels {
    /// One step of all rows.
    /// - Parameters:
    ///   - gates: rows × 3H, W_ih x + b_ih; replaced by r, z, n.
    ///   - hiddenProducts: rows × 3H, W_hh h.
    ///   - bias: 3H, b_hh.
    ///   - previous: rows × H, h.
    ///   - resetInput: rows × H, receives W_hn h + b_hn.
    ///   - next: rows × H, receives h′.
    public static func gruForward(
        rows: Int, width: Int, gates: UnsafeMutablePointer<Float>, hiddenProducts: UnsafePointer<Float>, bias: UnsafePointer<Float>,
        previous: UnsafePointer<Float>, resetInput: UnsafeMutablePointer<Float>, next: UnsafeMutablePointer<Float>
    ) {
        tributary_gru_forward(Int64(rows), Int64(width), gates, hiddenProducts, bias, previous, resetInput, next)
    }

    /// The step's derivative.
    /// - Parameters:
    ///   - stateGradient: rows × H, with respect to h′; replaced by the part of h's gradient that does not go through W_hh.
    ///   - gates: rows × 3H, r, z, n as the forward step left them; resetInput and previous likewise.
    ///   - inputSide: rows × 3H, receives the gradient with respect to W_ih x + b_ih.
    ///   - hiddenSide: rows × 3H, receives the gradient with respect to W_hh h + b_hh.
    public static func gruBackward(
        rows: Int, width: Int, stateGradient: UnsafeMutablePointer<Float>, gates: UnsafePointer<Float>, resetInput: UnsafePointer<Float>,
        previous: UnsafePointer<Float>, inputSide: UnsafeMutablePointer<Float>, hiddenSide: UnsafeMutablePointer<Float>
    ) {
        tributary_gru_backward(Int64(rows), Int64(width), stateGradient, gates, resetInput, previous, inputSide, hiddenSide, stateGradient)
    }
}
