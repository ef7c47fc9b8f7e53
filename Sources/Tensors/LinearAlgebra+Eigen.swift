extension LinearAlgebra {
    /// Orthonormal eigenvectors of the largest eigenvalues of a symmetric matrix, largest first, as rows; fewer when the iteration fails.
    ///
    /// Subspace iteration with a Rayleigh–Ritz step each time (Saad 2011, *Numerical Methods for Large Eigenvalue Problems*, alg. 5.3)
    /// until no wanted eigenvalue moves by more than 10⁻⁵ of itself.
    /// - Parameters:
    ///   - matrix: n × n, eigenvalues of the largest magnitude positive.
    ///   - start: rows × n numbers to start from, usually random; rows ≥ `count`, and more rows need fewer iterations.
    ///   - count: how many; at most `rows`, which is at most n.
    public static func leadingEigenvectors(of matrix: [Float], order n: Int, start: [Float], rows: Int, count: Int) -> [Float] {
        precondition(start.count == rows * n && rows <= n && count <= rows, "a block of \(rows) rows of \(n)")
        var block = start
        var image = [Float](repeating: 0, count: rows * n)
        var small = [Float](repeating: 0, count: rows * rows)
        var previous: [Float] = []
        for _ in 0..<200 {
            orthonormalizeRows(&block, rows: rows, columns: n)
            BLAS.multiply(block, matrix, into: &image, rows: rows, inner: n, columns: n)
            BLAS.multiply(image, transposed: block, into: &small, rows: rows, inner: n, columns: rows)
            guard let ascending = symmetricEigenvectors(&small, order: rows) else { return [] }
            let values = Array(ascending.suffix(count))
            let isSettled = previous.count == values.count && zip(values, previous).allSatisfy { abs($0 - $1) <= 1e-5 * abs($0) }
            previous = values
            if isSettled { break }
            // The next block: the image in the basis of the Ritz vectors.
            var rotated = [Float](repeating: 0, count: rows * n)
            BLAS.multiply(small, image, into: &rotated, rows: rows, inner: rows, columns: n)
            block = rotated
        }
        var vectors = [Float](repeating: 0, count: rows * n)
        BLAS.multiply(small, block, into: &vectors, rows: rows, inner: rows, columns: n)
        return (0..<count).flatMap { vectors[(rows - 1 - $0) * n..<(rows - $0) * n] }
    }
}
