internal import COpenBLAS

/// Factorisations of dense matrices, row-major, single precision, by the LAPACK that comes with the BLAS. A call uses one thread.
public enum LinearAlgebra {
    /// Replaces a symmetric positive definite matrix by its inverse, by Cholesky factorisation.
    /// - Parameter matrix: n × n; only one triangle is read.
    /// - Returns: whether the matrix was positive definite; if not, its content is undefined.
    public static func invertPositiveDefinite(_ matrix: inout [Float], order n: Int) -> Bool {
        precondition(matrix.count == n * n, "the matrix has \(n) rows and columns")
        if n == 0 { return true }
        BLAS.useOneThread()
        var size = blasint(n)
        var info: blasint = 0
        // The column-major upper triangle is the row-major lower one.
        spotrf_("U", &size, &matrix, &size, &info, 1)
        guard info == 0 else { return false }
        spotri_("U", &size, &matrix, &size, &info, 1)
        guard info == 0 else { return false }
        mirrorLowerTriangle(&matrix, order: n)
        return Kernels.isFinite(matrix)
    }

    /// Replaces the rows by orthonormal ones that span the same space (Householder QR).
    /// - Parameter matrix: rows × columns, rows ≤ columns.
    public static func orthonormalizeRows(_ matrix: inout [Float], rows: Int, columns: Int) {
        precondition(matrix.count == rows * columns && rows <= columns, "more rows than columns cannot be orthonormal")
        if rows == 0 { return }
        BLAS.useOneThread()
        // Row-major rows are column-major columns.
        var (m, n) = (blasint(columns), blasint(rows))
        var scales = [Float](repeating: 0, count: rows)
        var length = blasint(64 * rows)
        var work = [Float](repeating: 0, count: Int(length))
        var info: blasint = 0
        sgeqrf_(&m, &n, &matrix, &m, &scales, &work, &length, &info)
        precondition(info == 0, "the factorisation was called wrongly")
        sorgqr_(&m, &n, &n, &matrix, &m, scales, &work, &length, &info)
        precondition(info == 0, "the factorisation was called wrongly")
    }

    /// Eigenvalues of a symmetric matrix, ascending; the matrix becomes the orthonormal eigenvectors, row i that of value i.
    /// - Returns: `nil` when the iteration does not converge, as for values that are not finite.
    public static func symmetricEigenvectors(_ matrix: inout [Float], order n: Int) -> [Float]? {
        precondition(matrix.count == n * n, "the matrix has \(n) rows and columns")
        guard n > 0 else { return [] }
        guard Kernels.isFinite(matrix) else { return nil }
        BLAS.useOneThread()
        var size = blasint(n)
        var values = [Float](repeating: 0, count: n)
        var length = blasint(1 + 6 * n + 2 * n * n)
        var work = [Float](repeating: 0, count: Int(length))
        var integerLength = blasint(3 + 5 * n)
        var integers = [blasint](repeating: 0, count: Int(integerLength))
        var info: blasint = 0
        ssyevd_("V", "U", &size, &matrix, &size, &values, &work, &length, &integers, &integerLength, &info, 1, 1)
        return info == 0 ? values : nil
    }

    /// Copies what is below the diagonal to above it, in tiles that fit the cache.
    private static func mirrorLowerTriangle(_ matrix: inout [Float], order n: Int) {
        matrix.withUnsafeMutableBufferPointer { matrix in
            let tile = 32
            for top in stride(from: 0, to: n, by: tile) {
                for left in stride(from: 0, through: top, by: tile) {
                    for row in top..<min(top + tile, n) {
                        for column in left..<max(left, min(left + tile, row)) { matrix[column * n + row] = matrix[row * n + column] }
                    }
                }
            }
        }
    }
}
