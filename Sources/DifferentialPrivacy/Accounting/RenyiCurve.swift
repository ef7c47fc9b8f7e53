#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The Rényi divergence of composed rounds as a function of the order; it adds over rounds, also adaptively chosen ones.
package struct RenyiCurve {
    private enum Step {
        case linear(Double)
        case sampled(RenyiDivergence.SubsampledGaussian)
        case laplace(Double)
    }
    private var steps: [(step: Step, count: Double)] = []

    /// - Parameter components: with valid parameters.
    package init(_ components: [PrivacyLossComposition.Component]) {
        for component in components {
            switch component.step {
            case .gaussian(let sigma, let q):
                steps.append((q >= 1 ? .linear(1 / (2 * sigma * sigma)) : .sampled(.init(noiseMultiplier: sigma, samplingRate: q, largestOrder: 64)), component.count))
            case .laplace(let scale): steps.append((.laplace(scale), component.count))
            }
        }
    }

    static let fractionalOrders: [Double] = (1...9).map { 1 + Double($0) / 100 } + (11...109).map { Double($0) / 10 }
    static let integerOrders: [Double] =
        (2...64).map(Double.init) + [72, 80, 96, 112, 128, 160, 192, 256, 384, 512, 768, 1024, 1536, 2048, 4096]
    private static let allOrders = (fractionalOrders + integerOrders.filter { $0 >= 11 }).sorted()

    /// ε(α) with continuous noise; α at most 64 or whole.
    package func divergence(_ alpha: Double) -> Double {
        steps.reduce(0) { sum, part in
            switch part.step {
            case .linear(let slope): sum + part.count * slope * alpha
            case .sampled(let step): sum + part.count * step.divergence(alpha)
            case .laplace(let scale): sum + part.count * RenyiDivergence.laplace(alpha: alpha, scale: scale)
            }
        }
    }

    /// The smallest value of a bound over all orders: the function has one minimum, which is searched between the best order's neighbours.
    private func smallest(_ bound: (_ alpha: Double, _ divergence: Double) -> Double) -> Double {
        var values: [Int: Double] = [:]
        func value(_ index: Int) -> Double {
            if let known = values[index] { return known }
            let alpha = Self.allOrders[index]
            let found = bound(alpha, divergence(alpha))
            values[index] = found
            return found
        }
        // Every sixth order first, then those around the best.
        var best = 0
        for index in stride(from: 0, to: Self.allOrders.count, by: 6) where value(index) < value(best) { best = index }
        let (first, last) = (max(best - 6, 0), min(best + 6, Self.allOrders.count - 1))
        for index in first...last where value(index) < value(best) { best = index }
        let low = Self.allOrders[max(best - 1, 0)]
        let high = Self.allOrders[min(best + 1, Self.allOrders.count - 1)]
        guard high <= 64 else { return value(best) }
        // An inexact place of the minimum is still a valid order.
        let order = Bisection.minimum(from: low, to: high, iterations: 14) { bound($0, divergence($0)) }
        return min(value(best), bound(order, divergence(order)))
    }

    /// With continuous noise at total-variation distance `slack` from the mechanism: the smallest ε over all orders such that
    /// δ′ + (1 + e^ε) slack ≤ δ.
    package func epsilon(delta: Double, slack: Double = 0) -> Double {
        func smallest(_ delta: Double) -> Double {
            self.smallest { RenyiDivergence.epsilon(alpha: $0, divergence: $1, delta: delta) }
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

    /// δ at ε with continuous noise, from above.
    package func delta(epsilon: Double) -> Double {
        exp(smallest { RenyiDivergence.logDelta(alpha: $0, divergence: $1, epsilon: epsilon) })
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
