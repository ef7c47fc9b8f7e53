import DifferentialPrivacy
import Foundation
import Testing

@Suite("Accountant: slack of the grid, choice of the grid, calibration")
struct AccountantTests {
    @Test("a finer grid costs less slack, and a coarse one falls back to the zero-concentrated bound")
    func slack() throws {
        func report(_ sigma: Double) throws -> EpsilonReport {
            try PrivacyAccountant.cost(noiseMultiplier: 22.4, rounds: 100, dimension: 1_000_000, gridStandardDeviation: sigma, delta: 1e-6)
        }
        let continuous = try report(.infinity)
        let fine = try report(0x1p22)
        let medium = try report(0x1p18)
        let coarse = try report(0x1p10)
        #expect(continuous.accountant == .gaussian && continuous.slack == 0)
        #expect(fine.accountant == .gaussian && fine.slack > 0 && fine.slack < 1e-9)
        #expect(continuous.epsilon < fine.epsilon && fine.epsilon < medium.epsilon && medium.epsilon < coarse.epsilon)
        #expect(coarse.accountant == .zeroConcentrated && coarse.slack == 0)
        #expect(coarse.epsilon > 1.02 * continuous.epsilon)
    }

    @Test("the slack is charged: the δ left for the Gaussian and the slack add up to no more than δ")
    func slackIsCharged() throws {
        let delta = 1e-6
        let report = try PrivacyAccountant.cost(noiseMultiplier: 22.4, rounds: 100, dimension: 1_000_000, gridStandardDeviation: 0x1p19, delta: delta)
        #expect(report.accountant == .gaussian)
        let eta = 0.04 * (100.0 * 1e6).squareRoot() / 0x1p38
        #expect((report.slack / ((1 + exp(report.epsilon)) * eta) - 1).magnitude < 1e-9)
        #expect(GaussianComposition.delta(epsilon: report.epsilon, mu: report.mu) + report.slack <= delta * (1 + 1e-12))
    }

    @Test("the distance of the discrete from the rounded Gaussian, computed exactly, is below the proven bound", arguments: [1.0, 1.5, 2, 4, 8, 16])
    func distance(_ sigma: Double) {
        // KL(N_Z(0, σ²) ‖ round N(0, σ²)), summed over ±12σ; the bound is 1/(319 σ⁴).
        func cell(_ k: Int) -> Double {
            let (a, b) = ((Double(k.magnitude) - 0.5) / sigma, (Double(k.magnitude) + 0.5) / sigma)
            return (erfc(a / 2.0.squareRoot()) - erfc(b / 2.0.squareRoot())) / 2
        }
        let reach = Int(12 * sigma) + 3
        let weights = (-reach...reach).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
        let total = weights.reduce(0, +)
        var divergence = 0.0
        for (index, weight) in weights.enumerated() where weight > 0 {
            divergence += weight / total * log(weight / total / cell(index - reach))
        }
        #expect(divergence <= 1 / (319 * pow(sigma, 4)))
        if sigma >= 2, sigma <= 8 { #expect((divergence * 576 * pow(sigma, 4) - 1).magnitude < 0.3, "near its leading term 1/(576 σ⁴)") }
    }

    @Test("sampling costs no more than full participation, and a sampling rate of one is the same", arguments: [0.5, 0.9, 0.999])
    func sampling(_ q: Double) throws {
        func epsilon(_ q: Double) throws -> Double {
            try PrivacyAccountant.cost(noiseMultiplier: 5, samplingRate: q, rounds: 50, dimension: 1000, gridStandardDeviation: 0x1p22, delta: 1e-6).epsilon
        }
        #expect(try epsilon(q) <= epsilon(1))
    }

    @Test("on a coarse grid sampled rounds are bounded at whole orders, without slack")
    func sampledOnCoarseGrid() throws {
        func report(_ sigma: Double) throws -> EpsilonReport {
            try PrivacyAccountant.cost(noiseMultiplier: 2, samplingRate: 0.05, rounds: 300, dimension: 1_000_000, gridStandardDeviation: sigma, delta: 1e-5)
        }
        let coarse = try report(64)
        let fine = try report(.infinity)
        #expect(coarse.accountant == .renyi && coarse.slack == 0)
        #expect(fine.accountant == .privacyLoss)
        #expect(coarse.epsilon >= fine.epsilon && coarse.epsilon < 1.15 * fine.epsilon)
    }

    @Test("nothing costs nothing; the order of events does not matter; counts add up")
    func composition() throws {
        #expect(try PrivacyAccountant.epsilon(of: [], delta: 1e-6).epsilon == 0)
        let a = MechanismEvent.continuous(noiseMultiplier: 4, count: 3)
        let b = MechanismEvent.continuous(noiseMultiplier: 1, samplingRate: 0.01, count: 200)
        let one = try PrivacyAccountant.epsilon(of: [a, b], delta: 1e-6)
        let two = try PrivacyAccountant.epsilon(of: [b, a], delta: 1e-6)
        #expect((one.epsilon / two.epsilon - 1).magnitude < 1e-12)
        var single = a
        single.count = 1
        let parts = try PrivacyAccountant.epsilon(of: [single, single, single], delta: 1e-6)
        let whole = try PrivacyAccountant.epsilon(of: [a], delta: 1e-6)
        #expect((parts.epsilon / whole.epsilon - 1).magnitude < 1e-12)
    }

    @Test("calibrated noise on the recommended grid keeps the promise", arguments: [
        (8.0, 1e-5, 1.0, 60, 60_000), (2, 1e-6, 1, 100, 1_000_000), (1, 1e-6, 0.1, 100, 20_000), (4, 1e-7, 0.5, 30, 100_000), (0.5, 1e-6, 1, 10, 500),
    ])
    func promise(_ epsilon: Double, _ delta: Double, _ q: Double, _ rounds: Int, _ dimension: Int) throws {
        let z = try PrivacyAccountant.noiseMultiplier(epsilon: epsilon, delta: delta, samplingRate: q, rounds: rounds)
        let grid = try GridChoice.recommended(
            clip: 0.7, dimension: dimension, enrolledUsers: 6000, nodes: 5, noiseMultiplier: z, samplingRate: q, rounds: rounds, delta: delta)
        let event = MechanismEvent.onGrid(grid.bound, standardDeviation: grid.standardDeviation, dimension: dimension, samplingRate: q, count: rounds)
        let report = try PrivacyAccountant.epsilon(of: [event], delta: delta)
        #expect(report.epsilon <= epsilon)
        #expect(report.epsilon >= 0.99 * epsilon, "and no noise is wasted")
        #expect(report.slack <= 0.01 * delta)
        #expect(Double(6000 * grid.bound.onGrid) + 16 * Double(grid.standardDeviation) * 5 < exp2(Double(grid.modulusBits - 1)))
        #expect([32, 40, 64].contains(grid.modulusBits))
        #expect(try #require(grid.bound.normBeforeRounding(dimension: dimension)) >= 0.999 * Double(grid.bound.onGrid))
    }

    @Test("more users need more bits, and a target no grid can meet is refused with a reason")
    func bits() throws {
        func bits(_ users: Int) throws -> Int {
            try GridChoice.recommended(
                clip: 1, dimension: 100_000, enrolledUsers: users, nodes: 5, noiseMultiplier: 22, rounds: 100, delta: 1e-6).modulusBits
        }
        #expect(try bits(1000) == 32)
        #expect(try bits(10_000_000) == 40)
        #expect(try bits(10_000_000_000) == 64)
        let error = #expect(throws: PrivacyError.self) {
            try GridChoice.recommended(clip: 1, dimension: 1_000_000, enrolledUsers: 10, nodes: 1, noiseMultiplier: 0.2, rounds: 1000, delta: 1e-9)
        }
        #expect(error?.code == .unreachableTarget)
    }

    @Test("the number of rounds that fit is the largest")
    func rounds() throws {
        let event = MechanismEvent(noiseMultiplier: 20, gridStandardDeviation: 0x1p22, dimension: 1000)
        let count = try PrivacyAccountant.rounds(of: event, epsilon: 2, delta: 1e-6)
        var events = event
        events.count = count
        #expect(try PrivacyAccountant.epsilon(of: [events], delta: 1e-6).epsilon <= 2)
        events.count = count + 1
        #expect(try PrivacyAccountant.epsilon(of: [events], delta: 1e-6).epsilon > 2)
        #expect(try PrivacyAccountant.rounds(of: MechanismEvent(noiseMultiplier: 0.1, gridStandardDeviation: 0x1p22, dimension: 1), epsilon: 0.1, delta: 1e-6) == 0)
    }

    @Test("figures outside their ranges are refused")
    func ranges() {
        #expect(throws: PrivacyError.self) { try PrivacyAccountant.epsilon(of: [], delta: 0) }
        #expect(throws: PrivacyError.self) { try PrivacyAccountant.epsilon(of: [.continuous(noiseMultiplier: .nan)], delta: 1e-6) }
        #expect(throws: PrivacyError.self) { try PrivacyAccountant.noiseMultiplier(epsilon: 0, delta: 1e-6, rounds: 1) }
        #expect(throws: PrivacyError.self) { try PrivacyAccountant.noiseMultiplier(epsilon: 1, delta: 1e-6, samplingRate: 0, rounds: 1) }
        #expect(throws: PrivacyError.self) { try PrivacyAccountant.noiseMultiplier(epsilon: 1, delta: 1e-6, rounds: 0) }
        #expect(throws: PrivacyError.self) { try PrivacyAccountant.cost(noiseMultiplier: 1, rounds: 1, dimension: 1, gridStandardDeviation: 0.5, delta: 1e-6) }
    }
}
