import DifferentialPrivacy
import Foundation
import SeededRandom
import Testing

@Suite("Lower bounds on ε from guesses about canaries")
struct EmpiricalEpsilonTests {
    /// The same p-value from the binomial distribution by repeated multiplication, without logarithms of factorials.
    private func slowPValue(_ m: Int, _ r: Int, _ v: Int, _ delta: Double, _ epsilon: Double) -> Double {
        let q = exp(epsilon) / (1 + exp(epsilon))
        var masses = [pow(1 - q, Double(r))]
        for k in 1...r { masses.append(masses[k - 1] * Double(r - k + 1) / Double(k) * q / (1 - q)) }
        func atLeast(_ k: Int) -> Double { masses[max(0, k)...].reduce(0, +) }
        let beta = v > r ? 0 : atLeast(v)
        let alpha = (1...m).map { (atLeast(v - $0) - beta) / Double($0) }.max() ?? 0
        return min(1, beta + 2 * Double(m) * delta * alpha)
    }

    @Test("the one-run p-value is the formula's", arguments: [(100, 100, 60), (100, 40, 40), (500, 200, 180), (50, 20, 0)])
    func pValue(_ m: Int, _ r: Int, _ v: Int) {
        for delta in [0, 1e-6, 1e-3] {
            for epsilon in [0.0, 0.3, 1, 3] {
                let bound = EmpiricalEpsilon(canaries: m, guesses: r, correct: v, delta: delta)
                let slow = slowPValue(m, r, v, delta, epsilon)
                #expect(abs(bound.pValue(epsilon: epsilon) - slow) < 1e-9 * (1 + slow))
            }
        }
    }

    @Test("all guesses right: ε solves (e^ε/(1 + e^ε))^r = 0.05, and the Gaussian bound is above it")
    func perfect() {
        for r in [20, 100, 1000] {
            let bound = EmpiricalEpsilon(canaries: 1000, guesses: r, correct: r, delta: 0)
            let q = pow(0.05, 1 / Double(r))
            #expect(abs(bound.oneRun - log(q / (1 - q))) < 1e-9)
            var withDelta = bound
            withDelta.delta = 1e-5
            #expect(withDelta.oneRun < bound.oneRun && withDelta.gaussian > withDelta.oneRun)
        }
    }

    @Test("guessing blindly proves nothing, more right guesses prove more")
    func monotone() {
        func bound(_ correct: Int) -> EmpiricalEpsilon { EmpiricalEpsilon(canaries: 1000, guesses: 200, correct: correct, delta: 1e-5) }
        #expect(bound(100).oneRun == 0 && bound(100).gaussianMu == 0 && bound(100).gaussian == 0)
        #expect(bound(0).oneRun == 0 && bound(0).gaussianMu == 0)
        var previous = bound(110)
        for correct in stride(from: 120, through: 200, by: 10) {
            let next = bound(correct)
            #expect(next.oneRun >= previous.oneRun && next.gaussianMu >= previous.gaussianMu)
            #expect(next.oneRun > 0 || correct < 130)
            previous = next
        }
    }

    @Test("against a Gaussian mechanism of known μ both bounds stay below the truth and the Gaussian one comes near", arguments: [0.5, 1, 2])
    func coverage(_ mu: Double) throws {
        let m = 4000
        let truth = GaussianComposition.delta(epsilon: 0, mu: mu)
        #expect(truth > 0)
        var exceeded = 0
        var best = 0.0
        for seed in 1...40 as ClosedRange<UInt64> {
            var random = RandomStream(seed: seed, "coverage")
            func normal() -> Double { (-2 * log(1 - random.uniform())).squareRoot() * cos(2 * Double.pi * random.uniform()) }
            let coins = (0..<m).map { _ in random.bernoulli(0.5) }
            let scores = coins.map { ($0 ? mu : 0) + normal() }
            let order = scores.indices.sorted { scores[$0] < scores[$1] }
            let half = m / 10
            let correct = order.prefix(half).count { !coins[$0] } + order.suffix(half).count { coins[$0] }
            let bound = EmpiricalEpsilon(canaries: m, guesses: 2 * half, correct: correct, delta: 1e-5)
            if bound.gaussianMu > mu { exceeded += 1 }
            best = max(best, bound.gaussianMu)
            // (ε, δ) of the true mechanism.
            let epsilon = try PrivacyAccountant.epsilon(of: [.continuous(noiseMultiplier: 1 / mu)], delta: 1e-5).epsilon
            #expect(bound.oneRun <= epsilon)
        }
        // At 95 % two of forty are expected to exceed; nine or more have a probability below 10⁻³.
        #expect(exceeded < 9)
        #expect(best > 0.6 * mu)
    }

    @Test("shares of noise: the least integer whose squares add up to the whole", arguments: [1, 2, 3, 7, 9, 64])
    func shares(_ k: Int) {
        for sigma in [1, 2, 10, 4097, 1 << 24, (1 << 40) - 1] {
            let share = NoiseShare.standardDeviation(total: sigma, guaranteed: k)
            #expect(UInt128(k) * UInt128(share) * UInt128(share) >= UInt128(sigma) * UInt128(sigma))
            #expect(share == 1 || UInt128(k) * UInt128(share - 1) * UInt128(share - 1) < UInt128(sigma) * UInt128(sigma))
        }
    }
}
