internal import CKernels

/// Many small least-squares problems over one table of vectors y: row r with the vectors C_r solves
/// (Σ_{C_r} y yᵀ + w Σ_all y yᵀ + ridge_r I) x = Σ_{C_r} y, the normal equations of implicit-feedback matrix factorisation
/// (Hu et al. 2008) with weight 1 for what was observed and w for everything.
public struct LeastSquares: Sendable {
    /// How a row is solved.
    public enum Method: Sendable, Hashable {
        /// Cholesky's method.
        case exact
        /// That many steps of conjugate gradient from where the row was (Takács et al. 2011).
        case conjugateGradient(steps: Int)
    }

    /// Floats of a row, a multiple of a lane.
    public let stride: Int
    private let table: [Float]
    /// w Σ y yᵀ, stride × stride.
    private let gram: [Float]

    /// - Parameters:
    ///   - table: rows × stride, padded (`PaddedRows`).
    ///   - products: Σ y yᵀ over the whole table, stride × stride.
    ///   - weight: w.
    public init(table: [Float], stride: Int, products: [Float], weight: Float) {
        precondition(stride % PaddedRows.lane == 0 && table.count % stride == 0, "the table's rows fill whole lanes")
        precondition(products.count == stride * stride, "the products are a square of the row's width")
        self.table = table
        self.stride = stride
        gram = products.map { $0 * weight }
    }

    /// The same, with the products computed here.
    public init(table: [Float], stride: Int, weight: Float) {
        self.init(table: table, stride: stride, products: Self.products(table, rows: 0..<table.count / stride, stride: stride), weight: weight)
    }

    /// Σ y yᵀ over some rows of a table.
    public static func products(_ table: [Float], rows: Range<Int>, stride: Int) -> [Float] {
        var products = [Float](repeating: 0, count: stride * stride)
        table.withUnsafeBufferPointer { table in
            guard let start = table.baseAddress, !rows.isEmpty else { return }
            let part = start + rows.lowerBound * stride
            BLAS.multiply(transposed: part, part, into: &products, rows: stride, inner: rows.count, columns: stride)
        }
        return products
    }

    /// Solves consecutive rows; one without vectors is 0. Calls on disjoint rows may run at the same time.
    /// - Parameters:
    ///   - rows: the numbers of rows, into `offsets` and `ridges`.
    ///   - columns: the vectors of row r are `columns[offsets[r]..<offsets[r + 1]]`.
    ///   - out: all rows × stride; read as the start of conjugate gradient.
    /// - Returns: Σ over the rows of x·(A x − 2 b), where A x = b is the row's problem: its squared error less the number of its vectors.
    public func solve(
        _ rows: Range<Int>, offsets: UnsafePointer<Int64>, columns: UnsafePointer<Int32>, ridges: UnsafePointer<Float>, method: Method,
        into out: UnsafeMutablePointer<Float>
    ) -> Double {
        if rows.isEmpty { return 0 }
        let (first, count, width) = (rows.lowerBound, Int64(rows.count), Int64(stride))
        return withUnsafeTemporaryAllocation(of: Float.self, capacity: stride * (stride + 3)) { space in
            switch method {
            case .exact:
                tributary_als_exact(
                    count, width, offsets + first, columns, table, gram, ridges + first, out + first * stride, space.baseAddress!)
            case .conjugateGradient(let steps):
                tributary_als_conjugate(
                    count, width, offsets + first, columns, table, gram, ridges + first, Int32(steps), out + first * stride,
                    space.baseAddress!)
            }
        }
    }

    /// One row, exactly.
    /// - Parameters:
    ///   - columns: its vectors, rows of the table.
    ///   - table: rows × stride.
    ///   - gram: w Σ y yᵀ, stride × stride; its upper triangle is read.
    /// - Returns: stride values.
    public static func solution(
        _ columns: [Int32], ridge: Float, table: UnsafePointer<Float>, gram: UnsafePointer<Float>, stride: Int
    ) -> [Float] {
        var row = [Float](repeating: 0, count: stride)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: stride * (stride + 1)) { space in
            _ = tributary_als_exact(
                1, Int64(stride), [0, Int64(columns.count)], columns, table, gram, [ridge], &row, space.baseAddress!)
        }
        return row
    }

    /// One row, exactly.
    public func solution(_ columns: [Int32], ridge: Float) -> [Float] {
        Self.solution(columns, ridge: ridge, table: table, gram: gram, stride: stride)
    }
}

extension Kernels {
    /// x ← a⁻¹ x for a symmetric, positive definite a, of which only the upper triangle is read; a is destroyed.
    /// - Parameter stride: rows of a and length of x, a multiple of a lane.
    public static func solveSymmetric(_ a: inout [Float], _ x: inout [Float], stride: Int) {
        precondition(stride % PaddedRows.lane == 0 && a.count == stride * stride && x.count == stride, "rows fill whole lanes")
        tributary_solve_symmetric(Int64(stride), &a, &x)
    }
}
