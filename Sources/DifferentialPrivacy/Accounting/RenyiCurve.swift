#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The Rényi divergence of composed rounds as a function of the order; it adds over rounds, also adaptively chosen ones.
struct RenyiCurve {
    private let kinds: [(kind: Composition.Kind, count: Double)]

    init(_ kinds: [Composition.Kind: Int]) {
        self.kinds = kinds.map { ($0.key, Double($0.value)) }.sorted {
            ($0.kind.noiseMultiplier, $0.kind.samplingRate) < ($1.kind.noiseMultiplier, $1.kind.samplingRate)
        }
    }

    static let fractionalOrders: [Double] = (1...9).map { 1 + Double($0) / 100 } + (11...109).map { Double($0) / 10 }
    static let integerOrders: [Double] =
        (2...64).map(Double.init) + [72, 80, 96, 112, 128, 160, 192, 256, 384, 512, 768, 1024]

    /// ε(α) with continuous noise.
    func divergence(_ alpha: Double) -> Double {
        kinds.reduce(0) {
            $0 + $1.count * RenyiDivergence.subsampledGaussian(alpha: alpha, noiseMultiplier: $1.kind.noiseMultiplier, samplingRate: $1.kind.samplingRate)
        }
    }

    /// With continuous noise at total-variation distance `slack` from the mechanism: the smallest ε over all orders such that
    /// δ′ + (1 + e^ε) slack ≤ δ.
    func epsilon(delta: Double, slack: Double) -> Double {
        let orders = (Self.fractionalOrders + Self.integerOrders.filter { $0 >= 11 }).sorted()
        let divergences = orders.map(divergence)
        func smallest(_ delta: Double) -> Double {
            func epsilon(_ alpha: Double, _ divergence: Double) -> Double { RenyiDivergence.epsilon(alpha: alpha, divergence: divergence, delta: delta) }
            let candidates = zip(orders, divergences).map(epsilon)
            guard let best = candidates.indices.min(by: { candidates[$0] < candidates[$1] }) else { return .infinity }
            // Between the neighbouring orders the function has one minimum; an inexact place of it is still a valid order.
            let low = orders[max(best - 1, 0)]
            let high = orders[min(best + 1, orders.count - 1)]
            let order = Bisection.minimum(from: low, to: high, iterations: 24) { epsilon($0, divergence($0)) }
            return min(candidates[best], epsilon(order, divergence(order)))
        }
        if slack == 0 { return smallest(delta) }
        // A guess from above leaves room for the slack; it is accepted when the ε found is not larger.
        var guess = smallest(delta) * 1.0001 + 1e-9
        for _ in 0..<32 {
            let left = delta - (1 + exp(guess)) * slack
            guard left > 0 else { return .infinity }
            let found = smallest(left)
            if found <= guess { return found }
            guess = found + (found - guess) + 1e-9
        }
        return .infinity
    }

    /// With noise on the integers, without slack: at integer orders the divergence is that of continuous noise exactly; between
    /// two of them (α − 1) ε(α) is convex and interpolated linearly from above (docs, "The discrete Gaussian").
    func epsilonOnGrid(delta: Double) -> Double {
        let divergences = Self.integerOrders.map(divergence)
        var best = Double.infinity
        var previous = (order: 1.0, moment: 0.0)
        for (order, divergence) in zip(Self.integerOrders, divergences) {
            let moment = (order - 1) * divergence
            for step in 1...8 {
                let share = Double(step) / 8
                let alpha = previous.order + share * (order - previous.order)
                let interpolated = (previous.moment + share * (moment - previous.moment)) / (alpha - 1)
                best = min(best, RenyiDivergence.epsilon(alpha: alpha, divergence: interpolated, delta: delta))
            }
            previous = (order, moment)
        }
        return best
    }
}
