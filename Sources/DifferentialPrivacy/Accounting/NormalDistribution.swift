#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The standard normal distribution in logarithms.
enum NormalDistribution {
    /// ln Φ(x), relative error of Φ near 10⁻¹⁵ for every x: erfc keeps its relative accuracy until it underflows; beyond, the
    /// asymptotic series is used, whose error is below 10⁻¹² at −37.
    static func logCumulative(_ x: Double) -> Double {
        if x > 5 { return log1p(-erfc(x / 2.0.squareRoot()) / 2) }
        if x > -37 { return log(erfc(-x / 2.0.squareRoot()) / 2) }
        let square = 1 / (x * x)
        let series = square * (-1 + square * (3 + square * (-15 + square * 105)))
        return -x * x / 2 - log(-x) - 0.5 * log(2 * Double.pi) + log1p(series)
    }
}
