import DifferentialPrivacy
import Foundation
import SeededRandom
import Testing

@Suite("Privacy-loss distributions")
struct PrivacyLossTests {
    /// Random plans of one or two kinds of rounds, each with several expected participations.
    static let plans: [(rounds: [LaplaceInversion.Round], delta: Double)] = (0..<8).map { index in
        var stream = RandomStream(seed: 41, "accounting", "\(index)")
        func draw(_ low: Double, _ high: Double) -> Double { low * pow(high / low, Double(stream.next() >> 11) * 0x1p-53) }
        let rounds = (0...(index % 2)).map { _ in
            let q = draw(0.01, 0.7)
            return LaplaceInversion.Round(sigma: draw(0.8, 6), q: q, count: (draw(4, 60) / q).rounded(.up))
        }
        return (rounds, draw(1e-9, 1e-4))
    }
    private func composition(_ rounds: [LaplaceInversion.Round]) -> PrivacyLossComposition {
        PrivacyLossComposition(rounds.map { .init(.gaussian(sigma: $0.sigma, samplingRate: $0.q), count: Int($0.count)) })
    }

    @Test("for random plans and both directions ε agrees with inversion of the Laplace transform, from above and within a thousandth", arguments: plans.indices)
    func inversion(_ index: Int) {
        let (rounds, delta) = Self.plans[index]
        let composition = composition(rounds)
        let epsilons = composition.epsilons(delta: delta)
        #expect(composition.epsilon(delta: delta) == max(epsilons.remove, epsilons.add))
        for (removing, epsilon) in [(true, epsilons.remove), (false, epsilons.add)] {
            let oracle = LaplaceInversion(rounds, removing: removing)
            let lambda = oracle.abscissa(epsilon: epsilon)
            let truth = oracle.delta(epsilon: epsilon, lambda: lambda)
            let again = oracle.delta(epsilon: epsilon, lambda: 0.8 * lambda)
            #expect((truth / again - 1).magnitude < 1e-7, "the oracle's two abscissae agree")
            #expect(truth <= delta * (1 + 1e-7), "never below the truth")
            #expect(oracle.delta(epsilon: epsilon / 1.001, lambda: lambda) >= delta * (1 - 1e-7), "within a thousandth")
        }
    }

    @Test("δ at ε is the truth to a millionth, and its proven bound is above", arguments: [0, 3, 5])
    func delta(_ index: Int) {
        let (rounds, delta) = Self.plans[index]
        let composition = composition(rounds)
        let epsilon = composition.epsilon(delta: delta) * 0.8
        let bounds = composition.deltaBounds(epsilon: epsilon)
        let truth = [true, false].map { removing in
            let oracle = LaplaceInversion(rounds, removing: removing)
            return oracle.delta(epsilon: epsilon, lambda: oracle.abscissa(epsilon: epsilon))
        }.max() ?? 0
        #expect(bounds.upper >= truth * (1 - 1e-8) && bounds.refined >= truth * (1 - 1e-8))
        #expect(bounds.refined <= truth * (1 + 1e-6) && bounds.upper <= truth * (1 + 1e-3))
    }

    @Test("a sampling rate of almost one costs almost exactly what the closed form says, and no less", arguments: [(20.0, 100, 1e-6), (3, 7, 1e-9), (50, 10_000, 1e-12), (0.8, 2, 1e-5)])
    func almostGaussian(_ sigma: Double, _ steps: Int, _ delta: Double) {
        let exact = GaussianComposition.epsilon(mu: Double(steps).squareRoot() / sigma, delta: delta)
        let composed = PrivacyLossComposition([.init(.gaussian(sigma: sigma, samplingRate: 1 - 1e-13), count: steps)]).epsilon(delta: delta)
        #expect(composed >= exact * (1 - 1e-10))
        #expect(composed <= exact * 1.0002)
    }

    @Test("more noise, fewer rounds, rarer sampling and larger δ never cost more; moments never say less", arguments: [(1.0, 0.05, 400, 1e-6), (3, 0.3, 100, 1e-8)])
    func monotone(_ sigma: Double, _ q: Double, _ steps: Int, _ delta: Double) {
        func epsilon(_ sigma: Double, _ q: Double, _ steps: Int, _ delta: Double) -> Double {
            let components = [PrivacyLossComposition.Component(.gaussian(sigma: sigma, samplingRate: q), count: steps)]
            let value = PrivacyLossComposition(components).epsilon(delta: delta)
            #expect(value <= RenyiCurve(components).epsilon(delta: delta))
            return value
        }
        let base = epsilon(sigma, q, steps, delta)
        #expect(epsilon(sigma * 1.02, q, steps, delta) < base)
        #expect(epsilon(sigma, q * 0.98, steps, delta) < base)
        #expect(epsilon(sigma, q, steps - steps / 50, delta) < base)
        #expect(epsilon(sigma, q, steps, delta * 1.05) < base)
    }

    @Test("order and grouping of rounds do not matter, and a plan costs at least each of its parts")
    func composition() {
        let a = PrivacyLossComposition.Component(.gaussian(sigma: 1.2, samplingRate: 0.02), count: 300)
        let b = PrivacyLossComposition.Component(.laplace(scale: 12), count: 10)
        let c = PrivacyLossComposition.Component(.gaussian(sigma: 9, samplingRate: 1), count: 4)
        func epsilon(_ components: [PrivacyLossComposition.Component]) -> Double { PrivacyLossComposition(components).epsilon(delta: 1e-6) }
        let whole = epsilon([a, b, c])
        #expect(epsilon([c, b, a]) == whole)
        let half = PrivacyLossComposition.Component(a.step, count: 150)
        #expect(epsilon([half, b, c, half]) == whole)
        for part in [[a, b], [b, c], [a, c]] { #expect(epsilon(part) < whole) }
        #expect(epsilon([]) == 0)
    }

    @Test("three draws of lattice noise cost exactly what convolving them by hand says", arguments: [(1.0, 1.0), (2.5, 3)])
    func lattice(_ sigma: Double, _ sensitivity: Double) throws {
        let reach = 60
        let one = (-reach...reach).map { DiscreteGaussianLoss.mass($0, sigma: sigma) }
        func convolved(_ a: [Double], _ b: [Double]) -> [Double] {
            var result = [Double](repeating: 0, count: a.count + b.count - 1)
            for (i, x) in a.enumerated() where x > 0 { for (j, y) in b.enumerated() { result[i + j] += x * y } }
            return result
        }
        let three = convolved(convolved(one, one), one)
        let delta = 1e-6
        let epsilon = try DiscreteGaussianLoss(sigma: sigma, sensitivity: sensitivity).epsilon(steps: 3, delta: delta)
        // Sum of three k ~ Δ + N_Z has loss (2 Σk Δ − 3Δ²)/(2σ²).
        func hockeyStick(_ epsilon: Double) -> Double {
            three.enumerated().reduce(0) { sum, entry in
                let k = Double(entry.offset - 3 * reach) + 3 * sensitivity
                let loss = (2 * k * sensitivity - 3 * sensitivity * sensitivity) / (2 * sigma * sigma)
                return loss > epsilon ? sum - entry.element * expm1(epsilon - loss) : sum
            }
        }
        #expect(hockeyStick(epsilon) <= delta)
        #expect(hockeyStick(epsilon * (1 - 1e-9)) >= delta * (1 - 1e-9))
    }
}
