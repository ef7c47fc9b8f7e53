import SeededRandom
import Tensors
import Testing

@Suite struct LinearAlgebraTests {
    /// n × n, with a dominant positive diagonal and fast falling eigenvalues.
    private func symmetric(_ n: Int) -> [Float] {
        var numbers = RandomStream(seed: 9)
        var matrix = [Float](repeating: 0, count: n * n)
        for term in 0..<n {
            let vector = (0..<n).map { _ in numbers.uniformFloat() - 0.5 }
            let weight = 10 / Float((term + 1) * (term + 1))
            for row in 0..<n { for column in 0..<n { matrix[row * n + column] += weight * vector[row] * vector[column] } }
        }
        for row in 0..<n { matrix[row * n + row] += 0.05 }
        return matrix
    }

    /// By Gauss–Jordan elimination in double precision.
    private func slowInverse(_ matrix: [Float], _ n: Int) -> [Double] {
        var left = matrix.map(Double.init)
        var right = (0..<n * n).map { $0 % (n + 1) == 0 ? 1.0 : 0 }
        for pivot in 0..<n {
            let scale = left[pivot * n + pivot]
            for column in 0..<n {
                left[pivot * n + column] /= scale
                right[pivot * n + column] /= scale
            }
            for row in 0..<n where row != pivot {
                let factor = left[row * n + pivot]
                for column in 0..<n {
                    left[row * n + column] -= factor * left[pivot * n + column]
                    right[row * n + column] -= factor * right[pivot * n + column]
                }
            }
        }
        return right
    }

    @Test("The inverse is that of elimination", arguments: [1, 2, 5, 33, 70])
    func inverse(n: Int) {
        let matrix = symmetric(n)
        let expected = slowInverse(matrix, n)
        var inverse = matrix
        #expect(LinearAlgebra.invertPositiveDefinite(&inverse, order: n))
        for (value, reference) in zip(inverse, expected) { #expect(abs(Double(value) - reference) < 2e-3 * (1 + abs(reference))) }
    }

    @Test("An indefinite matrix has no inverse by Cholesky") func indefinite() {
        var matrix: [Float] = [1, 2, 2, 1]
        #expect(!LinearAlgebra.invertPositiveDefinite(&matrix, order: 2))
    }

    @Test("Eigenvectors are orthonormal and are only stretched by the matrix", arguments: [1, 3, 40])
    func eigenvectors(n: Int) throws {
        let matrix = symmetric(n)
        var vectors = matrix
        let values = try #require(LinearAlgebra.symmetricEigenvectors(&vectors, order: n))
        #expect(values == values.sorted())
        for row in 0..<n {
            for other in 0..<n {
                let product = (0..<n).reduce(Float(0)) { $0 + vectors[row * n + $1] * vectors[other * n + $1] }
                #expect(abs(product - (row == other ? 1 : 0)) < 1e-4)
            }
            for i in 0..<n {
                let image = (0..<n).reduce(Float(0)) { $0 + matrix[i * n + $1] * vectors[row * n + $1] }
                #expect(abs(image - values[row] * vectors[row * n + i]) < 1e-4 * (1 + abs(values[n - 1])))
            }
        }
        var broken = [Float](repeating: .nan, count: n * n)
        #expect(LinearAlgebra.symmetricEigenvectors(&broken, order: n) == nil)
    }

    @Test("The iteration finds the leading eigenvectors of the whole decomposition")
    func leading() throws {
        let n = 60
        let matrix = symmetric(n)
        var vectors = matrix
        _ = try #require(LinearAlgebra.symmetricEigenvectors(&vectors, order: n))
        var numbers = RandomStream(seed: 4)
        let start = (0..<12 * n).map { _ in numbers.uniformFloat() - 0.5 }
        let found = LinearAlgebra.leadingEigenvectors(of: matrix, order: n, start: start, rows: 12, count: 4)
        #expect(found.count == 4 * n)
        for row in 0..<4 {
            let product = (0..<n).reduce(Float(0)) { $0 + found[row * n + $1] * vectors[(n - 1 - row) * n + $1] }
            #expect(abs(abs(product) - 1) < 1e-3)
        }
    }
}
