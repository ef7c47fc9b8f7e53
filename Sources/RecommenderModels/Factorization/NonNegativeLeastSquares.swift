internal import Tensors

/// Minimises ½ xᵀ A x − bᵀ x over x ≥ 0 by cyclic coordinate descent (Franc, Hlaváč and Navara 2005), which solves least squares with
/// normal matrix A and never increases the objective.
struct NonNegativeLeastSquares: Sendable {
    /// D.
    let order: Int
    /// A, D × D, symmetric and positive definite.
    let matrix: [Float]

    /// The most passes over the coordinates.
    static let sweepLimit = 200

    /// A from a mean of outer products: symmetric, with λ added, and eigenvalues below λ raised to it where noise lowered them.
    /// - Parameter regularization: λ in units of the mean of the diagonal.
    init(order: Int, gram: [Float], regularization: Float) {
        self.order = order
        var symmetric = gram
        for row in 0..<order {
            for column in 0..<order { symmetric[row * order + column] = (gram[row * order + column] + gram[column * order + row]) / 2 }
        }
        let mean = max((0..<order).reduce(0) { $0 + symmetric[$1 * order + $1] } / Float(order), 0)
        let λ = max(max(regularization, 1e-6) * mean, 1e-30)
        var vectors = symmetric
        guard let values = LinearAlgebra.symmetricEigenvectors(&vectors, order: order), let least = values.first else {
            matrix = (0..<order * order).map { $0 % (order + 1) == 0 ? 1 : 0 }
            return
        }
        if least < 0 {
            for (row, value) in values.enumerated() where value < 0 {
                for i in 0..<order {
                    for j in 0..<order { symmetric[i * order + j] -= value * vectors[row * order + i] * vectors[row * order + j] }
                }
            }
        }
        for row in 0..<order { symmetric[row * order + row] = max(symmetric[row * order + row], 0) + λ }
        matrix = symmetric
    }

    /// With A as an earlier instance had it.
    init(order: Int, prepared matrix: [Float]) {
        self.order = order
        self.matrix = matrix
    }

    /// x for b, D values each; from x = 0 until a pass changes no coordinate by more than 10⁻⁶ of the largest.
    func solve(_ b: UnsafePointer<Float>, into x: UnsafeMutablePointer<Float>) {
        x.update(repeating: 0, count: order)
        matrix.withUnsafeBufferPointer { matrix in
            guard let rows = matrix.baseAddress else { return }
            for _ in 0..<Self.sweepLimit {
                var (change, largest): (Float, Float) = (0, 0)
                for k in 0..<order {
                    let pull = b[k] - Kernels.dot(rows + k * order, x, count: order)
                    let next = max(0, x[k] + pull / rows[k * order + k])
                    change = max(change, abs(next - x[k]))
                    largest = max(largest, next)
                    x[k] = next
                }
                if !(change > 1e-6 * largest) { return }
            }
        }
    }
}
