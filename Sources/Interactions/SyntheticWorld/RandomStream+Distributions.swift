internal import Glibc
internal import SeededRandom

extension RandomStream {
    /// Standard normal (Box and Muller 1958).
    mutating func normal() -> Double {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * .pi * uniform())
    }

    /// Logarithm of a Gamma(shape, 1) variate (Marsaglia and Tsang 2000); the logarithm, since small shapes underflow.
    mutating func logGamma(shape: Double) -> Double {
        if shape < 1 { return logGamma(shape: shape + 1) + log(1 - uniform()) / shape }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let cube = (1 + c * x) * (1 + c * x) * (1 + c * x)
            guard cube > 0 else { continue }
            if log(1 - uniform()) < 0.5 * x * x + d - d * cube + d * log(cube) { return log(d * cube) }
        }
    }

    /// A point of the simplex from Dirichlet(α, …, α).
    mutating func dirichlet(alpha: Double, count: Int) -> [Double] {
        let logs = (0..<count).map { _ in logGamma(shape: alpha) }
        let largest = logs.max() ?? 0
        let weights = logs.map { exp($0 - largest) }
        let total = weights.reduce(0, +)
        return weights.map { $0 / total }
    }

    /// An index with probability proportional to its weight; weights not negative and not all 0.
    mutating func index(weights: [Double]) -> Int {
        var left = uniform() * weights.reduce(0, +)
        for (index, weight) in weights.enumerated() {
            left -= weight
            if left < 0 { return index }
        }
        return weights.lastIndex { $0 > 0 } ?? 0
    }
}
