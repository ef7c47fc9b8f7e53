internal import COpenBLAS

/// Matrix products, the one place that calls the BLAS. Matrices are dense and row-major; a call uses one thread, because the
/// callers run in parallel.
public enum BLAS {
    /// Once per process. The library's own threads would make results depend on the machine's load and count of cores.
    private static let singleThreaded: Void = openblas_set_num_threads(1)

    /// For other callers of the same library.
    static func useOneThread() { singleThreaded }

    /// out ← a × b (+ out): out is rows × columns, a rows × inner, b inner × columns.
    public static func multiply(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>,
        rows: Int, inner: Int, columns: Int, accumulating: Bool = false
    ) {
        product(CblasNoTrans, CblasNoTrans, rows, columns, inner, a, inner, b, columns, accumulating, out)
    }

    /// out ← a × bᵀ (+ out): b is columns × inner.
    public static func multiply(
        _ a: UnsafePointer<Float>, transposed b: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>,
        rows: Int, inner: Int, columns: Int, accumulating: Bool = false
    ) {
        product(CblasNoTrans, CblasTrans, rows, columns, inner, a, inner, b, inner, accumulating, out)
    }

    /// out ← a × bᵀ: b is columns × inner and small, like a layer's weights; it is transposed into `turned` first, because a product
    /// without a second factor to transpose is faster.
    public static func multiply(
        _ a: UnsafePointer<Float>, transposed b: UnsafePointer<Float>, turned: UnsafeMutablePointer<Float>,
        into out: UnsafeMutablePointer<Float>, rows: Int, inner: Int, columns: Int
    ) {
        Kernels.transpose(b, rows: columns, columns: inner, into: turned)
        multiply(a, turned, into: out, rows: rows, inner: inner, columns: columns)
    }

    /// out ← aᵀ × b (+ out): a is inner × rows.
    public static func multiply(
        transposed a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>,
        rows: Int, inner: Int, columns: Int, accumulating: Bool = false
    ) {
        product(CblasTrans, CblasNoTrans, rows, columns, inner, a, rows, b, columns, accumulating, out)
    }

    /// A matrix inside a wider one: rows begin `stride` elements after each other.
    public struct Strided {
        let start: UnsafeMutablePointer<Float>
        let stride: Int

        public init(_ start: UnsafeMutablePointer<Float>, stride: Int) {
            self.start = start
            self.stride = stride
        }

        /// A factor, never a product: nothing is written there.
        public init(reading start: UnsafePointer<Float>, stride: Int) {
            self.init(UnsafeMutablePointer(mutating: start), stride: stride)
        }
    }

    /// out ← a × b (+ out)
    public static func multiply(_ a: Strided, _ b: Strided, into out: Strided, rows: Int, inner: Int, columns: Int, accumulating: Bool = false) {
        product(
            CblasNoTrans, CblasNoTrans, rows, columns, inner, a.start, a.stride, b.start, b.stride, accumulating, out.start, out.stride)
    }

    /// out ← a × bᵀ (+ out)
    public static func multiply(
        _ a: Strided, transposed b: Strided, into out: Strided, rows: Int, inner: Int, columns: Int, accumulating: Bool = false
    ) {
        product(CblasNoTrans, CblasTrans, rows, columns, inner, a.start, a.stride, b.start, b.stride, accumulating, out.start, out.stride)
    }

    /// out ← aᵀ × b (+ out)
    public static func multiply(
        transposed a: Strided, _ b: Strided, into out: Strided, rows: Int, inner: Int, columns: Int, accumulating: Bool = false
    ) {
        product(CblasTrans, CblasNoTrans, rows, columns, inner, a.start, a.stride, b.start, b.stride, accumulating, out.start, out.stride)
    }

    private static func product(
        _ transposeA: CBLAS_TRANSPOSE, _ transposeB: CBLAS_TRANSPOSE, _ rows: Int, _ columns: Int, _ inner: Int,
        _ a: UnsafePointer<Float>, _ strideA: Int, _ b: UnsafePointer<Float>, _ strideB: Int, _ accumulating: Bool,
        _ out: UnsafeMutablePointer<Float>, _ strideOut: Int? = nil
    ) {
        if rows == 0 || columns == 0 || inner == 0 { return }
        singleThreaded
        let strideOut = strideOut ?? columns
        // A product of at most 10⁶ multiplications, with no factor to transpose but the first, runs on its operands as they lie,
        // nearly at the processor's peak; larger ones are copied into packed form first. So a large one is cut into small ones, along
        // its rows or along what is summed, in a way that depends on its shape only.
        let cut = transposeA == CblasTrans ? inner : rows
        let part = smallProduct / (transposeA == CblasTrans ? rows * columns : inner * columns)
        if transposeB == CblasTrans || cut <= part || part < 16 {
            cblas_sgemm(
                CblasRowMajor, transposeA, transposeB, blasint(rows), blasint(columns), blasint(inner), 1, a, blasint(strideA), b,
                blasint(strideB), accumulating ? 1 : 0, out, blasint(strideOut))
            return
        }
        for first in stride(from: 0, to: cut, by: part) {
            let count = min(part, cut - first)
            if transposeA == CblasTrans {
                cblas_sgemm(
                    CblasRowMajor, transposeA, transposeB, blasint(rows), blasint(columns), blasint(count), 1, a + first * strideA,
                    blasint(strideA), b + first * strideB, blasint(strideB), accumulating || first > 0 ? 1 : 0, out, blasint(strideOut))
            } else {
                cblas_sgemm(
                    CblasRowMajor, transposeA, transposeB, blasint(count), blasint(columns), blasint(inner), 1, a + first * strideA,
                    blasint(strideA), b, blasint(strideB), accumulating ? 1 : 0, out + first * strideOut, blasint(strideOut))
            }
        }
    }

    private static let smallProduct = 960_000
}
