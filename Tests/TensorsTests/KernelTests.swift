import Foundation
import SeededRandom
import Tensors
import Testing

/// Kernels against the same sums in double precision; lengths cross every vector width.
@Suite struct KernelTests {
    static let counts = [1, 3, 7, 8, 15, 16, 17, 64, 100, 1023]

    static func numbers(_ count: Int, _ name: String) -> [Float] {
        var stream = RandomStream(seed: 1, name)
        return (0..<count).map { _ in 4 * stream.uniformFloat() - 2 }
    }

    @Test("Sums, products and norms", arguments: counts)
    func vectors(count: Int) {
        let (x, y) = (Self.numbers(count, "x"), Self.numbers(count, "y"))
        let product = zip(x, y).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        #expect(abs(Double(Kernels.dot(x, y, count: count)) - product) < 1e-5 * Double(count))
        #expect(abs(Kernels.squaredNorm(x) - x.reduce(0.0) { $0 + Double($1) * Double($1) }) < 1e-9)
        var sum = y
        Kernels.axpy(0.5, x, to: &sum, count: count)
        for index in 0..<count { #expect(abs(sum[index] - (y[index] + 0.5 * x[index])) < 1e-6) }
        var difference = x
        Kernels.subtract(x, y, into: &difference, count: count)
        #expect(difference == zip(x, y).map { $0 - $1 })
    }

    @Test("An infinity or a NaN is found wherever it is")
    func finite() {
        for position in 0..<70 {
            for bad in [Float.infinity, -.infinity, .nan] {
                var values = Self.numbers(70, "x")
                #expect(Kernels.isFinite(values))
                values[position] = bad
                #expect(!Kernels.isFinite(values))
            }
        }
        #expect(Kernels.isFinite([Float]()))
        #expect(Kernels.isFinite([Float.greatestFiniteMagnitude, .leastNonzeroMagnitude, -0.0]))
    }

    @Test("exp, tanh and sigmoid keep the documented errors over their whole range, and NaN")
    func functions() {
        let x = (-9000...9000).map { Float($0) / 100 }
        var (exponentials, tangents, sigmoids) = (x, x, x)
        Kernels.exp(&exponentials)
        Kernels.tanh(&tangents)
        Kernels.sigmoid(&sigmoids)
        for index in x.indices {
            let argument = Double(x[index])
            if argument > -87.3, argument < 88 { #expect(abs(Double(exponentials[index]) / exp(argument) - 1) < 3e-7) }
            #expect(abs(Double(tangents[index]) - tanh(argument)) < 3e-7)
            #expect(abs(Double(sigmoids[index]) - 1 / (1 + exp(-argument))) < 3e-7)
        }
        var odd: [Float] = [.nan, .infinity, -.infinity]
        Kernels.exp(&odd)
        #expect(odd[0].isNaN && odd[1] > 1e38 && odd[2] < 2e-38)
    }

    @Test("Matrix products with and without transposition", arguments: [(1, 1, 1), (3, 5, 7), (17, 33, 20)])
    func products(rows: Int, inner: Int, columns: Int) {
        let (a, b) = (Self.numbers(rows * inner, "a"), Self.numbers(inner * columns, "b"))
        var expected = [Float](repeating: 0, count: rows * columns)
        var transposedA = a
        var transposedB = b
        for row in 0..<rows {
            for column in 0..<columns {
                for k in 0..<inner {
                    expected[row * columns + column] += a[row * inner + k] * b[k * columns + column]
                    transposedA[k * rows + row] = a[row * inner + k]
                    transposedB[column * inner + k] = b[k * columns + column]
                }
            }
        }
        func check(_ out: [Float], _ factor: Float) {
            for index in out.indices { #expect(abs(out[index] - factor * expected[index]) < 1e-4) }
        }
        var out = [Float](repeating: .nan, count: rows * columns)
        BLAS.multiply(a, b, into: &out, rows: rows, inner: inner, columns: columns)
        check(out, 1)
        BLAS.multiply(a, transposed: transposedB, into: &out, rows: rows, inner: inner, columns: columns, accumulating: true)
        check(out, 2)
        BLAS.multiply(transposed: transposedA, b, into: &out, rows: rows, inner: inner, columns: columns, accumulating: true)
        check(out, 3)
    }

    @Test("Adam's first step is the learning rate against the gradient's sign, Adagrad's too")
    func firstSteps() {
        let gradient: [Float] = [0.5, -3, 1e-3]
        var (means, squares) = ([Float](repeating: 0, count: 3), [Float](repeating: 0, count: 3))
        var parameters: [Float] = [1, 1, 1]
        Kernels.adamStep(
            rate: 0.1, meanCorrection: 10, squareCorrection: 1000, gradient: gradient, means: &means, squares: &squares,
            parameters: &parameters, count: 3)
        for (value, expected) in zip(parameters, [0.9, 1.1, 0.9] as [Float]) { #expect(abs(value - expected) < 1e-4) }
        var sums = [Float](repeating: 0, count: 3)
        Kernels.adagradStep(rate: 0.1, gradient: gradient, squares: &sums, parameters: &parameters, count: 3)
        for (value, expected) in zip(parameters, [0.8, 1.2, 0.8] as [Float]) { #expect(abs(value - expected) < 1e-4) }
    }

    @Test("Momentum accumulates")
    func momentum() {
        var (velocity, parameters): ([Float], [Float]) = ([2], [10])
        Kernels.momentumStep(rate: 0.5, momentum: 0.5, gradient: [3], velocity: &velocity, parameters: &parameters, count: 1)
        #expect(velocity == [4])
        #expect(parameters == [8])
    }
}
