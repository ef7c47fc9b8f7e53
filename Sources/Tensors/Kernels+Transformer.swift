internal import CKernels

/// Which elements of a tensor are dropped in training, as a function of a key and the element's index: nothing is stored.
/// Kept elements are multiplied by 1 / (1 − p).
public struct DropoutPattern: Sendable {
    let key: UInt64
    let threshold: UInt32
    let kept: Float

    /// Drops nothing.
    public static let none = DropoutPattern(key: 0, threshold: 0, kept: 1)

    /// - Parameters:
    ///   - probability: p in [0, 1), taken to the nearest multiple of 2⁻³².
    ///   - key: names the pattern.
    public init(probability: Float, key: UInt64) {
        precondition(probability >= 0 && probability < 1, "a probability of dropping out is in [0, 1)")
        let threshold = UInt32((Double(probability) * 0x1p32).rounded())
        self.init(key: key, threshold: threshold, kept: Float(1 / (1 - Double(threshold) * 0x1p-32)))
    }

    private init(key: UInt64, threshold: UInt32, kept: Float) {
        (self.key, self.threshold, self.kept) = (key, threshold, kept)
    }

    /// Whether nothing is dropped.
    public var isNone: Bool { threshold == 0 }
}

/// Layers of transformers. Arrays are rows × width unless said otherwise.
extension Kernels {
    /// x ← x ∘ the pattern's factors; forward and backward alike.
    public static func dropout(_ x: UnsafeMutablePointer<Float>, count: Int, _ pattern: DropoutPattern) {
        if pattern.isNone { return }
        tributary_dropout(Int64(count), x, pattern.key, pattern.threshold, pattern.kept)
    }

    /// out ← scale × the named rows of `table` + the named rows of `positions`.
    public static func embed(
        _ items: UnsafePointer<Int32>, from table: UnsafePointer<Float>, scale: Float, places: UnsafePointer<Int32>,
        positions: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, rows: Int, width: Int
    ) {
        tributary_embed(Int64(rows), Int64(width), items, table, scale, places, positions, out)
    }

    /// out ← x + (y + bias) ∘ the pattern's factors.
    public static func residual(
        _ y: UnsafePointer<Float>, bias: UnsafePointer<Float>, to x: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, rows: Int,
        width: Int, _ pattern: DropoutPattern
    ) {
        tributary_residual(Int64(rows), Int64(width), y, bias, x, pattern.key, pattern.threshold, pattern.kept, out)
    }

    /// x ← max(0, x + bias) ∘ the pattern's factors.
    public static func relu(_ x: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>, rows: Int, width: Int, _ pattern: DropoutPattern) {
        tributary_relu(Int64(rows), Int64(width), bias, pattern.key, pattern.threshold, pattern.kept, x)
    }

    /// The gradient of `relu`, in place.
    /// - Parameter outputs: what `relu` left.
    public static func reluBackward(
        _ gradient: UnsafeMutablePointer<Float>, outputs: UnsafePointer<Float>, count: Int, _ pattern: DropoutPattern
    ) {
        tributary_relu_backward(Int64(count), outputs, pattern.kept, gradient)
    }

    /// x ← x + bias; out ← gelu(x) ∘ the pattern's factors, gelu(x) = x σ(2√(2/π) (x + 0.044715 x³)) (Hendrycks and Gimpel 2016).
    public static func gelu(
        _ x: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, rows: Int, width: Int,
        _ pattern: DropoutPattern
    ) {
        tributary_gelu(Int64(rows), Int64(width), bias, pattern.key, pattern.threshold, pattern.kept, x, out)
    }

    /// The gradient of `gelu`, in place.
    /// - Parameter inputs: x with the bias.
    public static func geluBackward(
        _ gradient: UnsafeMutablePointer<Float>, inputs: UnsafePointer<Float>, count: Int, _ pattern: DropoutPattern
    ) {
        tributary_gelu_backward(Int64(count), inputs, pattern.key, pattern.threshold, pattern.kept, gradient)
    }

    /// Layer normalisation (Ba et al. 2016): out ← (x − mean) / √(variance + ε) ∘ gain + bias in each row.
    /// - Parameter statistics: rows × 2, receives the mean and 1 / √(variance + ε).
    public static func layerNorm(
        _ x: UnsafePointer<Float>, gain: UnsafePointer<Float>, bias: UnsafePointer<Float>, epsilon: Float,
        into out: UnsafeMutablePointer<Float>, statistics: UnsafeMutablePointer<Float>, rows: Int, width: Int
    ) {
        tributary_layer_norm(Int64(rows), Int64(width), x, gain, bias, epsilon, out, statistics)
    }

    /// xGradient ← xGradient + the gradient with respect to x.
    public static func layerNormBackward(
        _ gradient: UnsafePointer<Float>, x: UnsafePointer<Float>, statistics: UnsafePointer<Float>, gain: UnsafePointer<Float>,
        addingTo xGradient: UnsafeMutablePointer<Float>, rows: Int, width: Int
    ) {
        tributary_layer_norm_backward(Int64(rows), Int64(width), gradient, x, statistics, gain, xGradient)
    }

    /// Adds the gradients of gain and bias.
    public static func layerNormWeights(
        _ gradient: UnsafePointer<Float>, x: UnsafePointer<Float>, statistics: UnsafePointer<Float>,
        addingTo gainGradient: UnsafeMutablePointer<Float>, _ biasGradient: UnsafeMutablePointer<Float>, rows: Int, width: Int
    ) {
        tributary_layer_norm_weights(Int64(rows), Int64(width), gradient, x, statistics, gainGradient, biasGradient)
    }

    /// Softmax of scale × scores over what each row may see: row r the columns 0 … first + r; the other columns become 0.
    public static func causalSoftmax(_ scores: UnsafeMutablePointer<Float>, rows: Int, columns: Int, first: Int, scale: Float) {
        tributary_causal_softmax(Int64(rows), Int64(columns), Int64(first), scale, scores)
    }

    /// out ← shares ∘ the pattern's factors from index `first` on.
    public static func attentionDropout(
        _ shares: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, count: Int, first: Int, _ pattern: DropoutPattern
    ) {
        tributary_attention_dropout(Int64(count), shares, pattern.key, Int64(first), pattern.threshold, pattern.kept, out)
    }

    /// Turns the gradient of the dropped-out shares into that of the unscaled scores.
    /// - Parameters:
    ///   - shares: what `causalSoftmax` left.
    ///   - index: of the first share in the pattern.
    public static func causalSoftmaxBackward(
        _ gradient: UnsafeMutablePointer<Float>, shares: UnsafePointer<Float>, rows: Int, columns: Int, first: Int, scale: Float, index: Int,
        _ pattern: DropoutPattern
    ) {
        tributary_causal_softmax_backward(
            Int64(rows), Int64(columns), Int64(first), scale, shares, pattern.key, Int64(index), pattern.threshold, pattern.kept, gradient)
    }
}
