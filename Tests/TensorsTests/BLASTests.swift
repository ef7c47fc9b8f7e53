import SeededRandom
import Tensors
import Testing

@Suite struct BLASTests {
    /// (rows, inner, columns): small, and large enough to be cut along the rows or along what is summed.
    static let shapes = [(3, 4, 5), (300, 100, 70), (70, 300, 100), (20, 700, 90), (700, 30, 64)]

    @Test("Products agree with the definition whatever their size", arguments: shapes, [false, true])
    func products(shape: (rows: Int, inner: Int, columns: Int), accumulating: Bool) {
        let (rows, inner, columns) = shape
        var numbers = RandomStream(seed: 2)
        let a = (0..<rows * inner).map { _ in numbers.uniformFloat() - 0.5 }
        let b = (0..<inner * columns).map { _ in numbers.uniformFloat() - 0.5 }
        let start = (0..<rows * columns).map { _ in numbers.uniformFloat() }
        var expected = accumulating ? start.map(Double.init) : [Double](repeating: 0, count: rows * columns)
        for row in 0..<rows {
            for k in 0..<inner {
                for column in 0..<columns { expected[row * columns + column] += Double(a[row * inner + k]) * Double(b[k * columns + column]) }
            }
        }
        var aTurned = a
        var bTurned = b
        Kernels.transpose(a, rows: rows, columns: inner, into: &aTurned)
        Kernels.transpose(b, rows: inner, columns: columns, into: &bTurned)
        func check(_ product: (UnsafeMutablePointer<Float>) -> Void) {
            var out = start
            product(&out)
            let distance = zip(out, expected).map { abs(Double($0) - $1) }.max() ?? 1
            #expect(distance < 1e-4)
        }
        check { BLAS.multiply(a, b, into: $0, rows: rows, inner: inner, columns: columns, accumulating: accumulating) }
        check { BLAS.multiply(transposed: aTurned, b, into: $0, rows: rows, inner: inner, columns: columns, accumulating: accumulating) }
        check { BLAS.multiply(a, transposed: bTurned, into: $0, rows: rows, inner: inner, columns: columns, accumulating: accumulating) }
        if !accumulating {
            var room = b
            check { out in BLAS.multiply(a, transposed: bTurned, turned: &room, into: out, rows: rows, inner: inner, columns: columns) }
        }
    }
}
