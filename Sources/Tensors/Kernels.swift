internal import CKernels

/// The hot loops on raw memory, compiled for several CPU levels. Counts are in elements; arrays do not overlap.
public enum Kernels {
    /// y ← y + a x
    public static func axpy(_ a: Float, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
        tributary_axpy(Int64(count), a, x, y)
    }

    /// y ← y + x
    public static func add(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
        tributary_add(Int64(count), x, y)
    }

    /// out ← x − y; `out` may be `x` or `y`.
    public static func subtract(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, count: Int) {
        tributary_subtract(Int64(count), x, y, out)
    }

    /// x ← a x
    public static func scale(_ x: UnsafeMutablePointer<Float>, by a: Float, count: Int) { tributary_scale(Int64(count), a, x) }

    /// x ← x y, coordinate by coordinate.
    public static func multiply(_ x: UnsafeMutablePointer<Float>, by y: UnsafePointer<Float>, count: Int) {
        tributary_multiply(Int64(count), y, x)
    }

    /// Σ x y, accumulated in Float.
    public static func dot(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int) -> Float {
        tributary_dot(Int64(count), x, y)
    }

    /// Σ x², accumulated in Double.
    public static func squaredNorm(_ x: [Float]) -> Double { tributary_squared_norm(Int64(x.count), x) }

    /// Σ x², accumulated in Double.
    public static func squaredNorm(_ x: ArraySlice<Float>) -> Double {
        x.withUnsafeBufferPointer { $0.baseAddress.map { tributary_squared_norm(Int64(x.count), $0) } ?? 0 }
    }

    /// Whether no value is infinite or not a number.
    public static func isFinite(_ x: [Float]) -> Bool { tributary_is_finite(Int64(x.count), x) != 0 }

    /// Whether no value is infinite or not a number.
    public static func isFinite(_ x: ArraySlice<Float>) -> Bool {
        x.withUnsafeBufferPointer { $0.baseAddress.map { tributary_is_finite(Int64(x.count), $0) != 0 } ?? true }
    }

    /// x ← exp x, relative error below 3·10⁻⁷; arguments are clamped to [−87.3, 88].
    public static func exp(_ x: inout [Float]) { tributary_exp(Int64(x.count), &x) }

    /// x ← tanh x, absolute error below 3·10⁻⁷.
    public static func tanh(_ x: inout [Float]) { tributary_tanh(Int64(x.count), &x) }

    /// x ← 1 / (1 + exp(−x))
    public static func sigmoid(_ x: inout [Float]) { tributary_sigmoid(Int64(x.count), &x) }

    /// 1 / (1 + exp(−x))
    public static func sigmoid(_ x: Float) -> Float { tributary_sigmoid_of(x) }

    /// log(1 + exp x) without overflow.
    public static func softplus(_ x: Float) -> Float { tributary_softplus_of(x) }

    /// Adds the bias (width) to each of the rows of x (rows × width).
    public static func addBias(_ bias: UnsafePointer<Float>, toRowsOf x: UnsafeMutablePointer<Float>, rows: Int, width: Int) {
        tributary_add_bias(Int64(rows), Int64(width), bias, x)
    }

    /// sums[j] ← sums[j] + Σ over the rows of x (rows × width).
    public static func addColumnSums(of x: UnsafePointer<Float>, rows: Int, width: Int, to sums: UnsafeMutablePointer<Float>) {
        tributary_column_sums(Int64(rows), Int64(width), x, sums)
    }

    /// out (columns × rows) ← x transposed (rows × columns).
    public static func transpose(_ x: UnsafePointer<Float>, rows: Int, columns: Int, into out: UnsafeMutablePointer<Float>) {
        tributary_transpose(Int64(rows), Int64(columns), x, out)
    }

    /// sums[row] ← sums[row] + x[row] · y (rows × width).
    public static func addRowProducts(
        of x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, rows: Int, width: Int, to sums: UnsafeMutablePointer<Float>
    ) {
        tributary_row_products(Int64(rows), Int64(width), x, y, sums)
    }
}
