import DifferentialPrivacy
import Testing

@Suite("Accountants against independent reference values", .enabled(if: AccountingVectors.isPresent, "\(AccountingVectors.absence)"))
struct AccountantVectorTests {
    @Test("the reference file is read whole")
    func fileIsComplete() {
        #expect(AccountingVectors.rows("gaussian").count >= 16)
        #expect(AccountingVectors.rows("poisson_subsampled_gaussian").count >= 39)
        #expect(AccountingVectors.rows("rdp_subsampled_gaussian_one_step").count >= 16)
        #expect(AccountingVectors.rows("calibration").count >= 12)
    }

    @Test("Gaussian composition is exact to 1e-9 and never below the truth", arguments: AccountingVectors.rows("gaussian"))
    func gaussian(_ row: AccountingVectors.Row) throws {
        let reference = try #require(row.epsilon_ref)
        let report = try PrivacyAccountant.epsilon(
            of: [.continuous(noiseMultiplier: try #require(row.sigma), count: try #require(row.steps))], delta: try #require(row.delta))
        #expect(report.epsilon >= reference - (row.epsilon_ref_abs_err ?? 0) - 1e-15 * reference)
        #expect(report.epsilon <= reference * (1 + 1e-9))
        #expect(report.epsilon <= (row.epsilon_rdp ?? .infinity) + 1e-9)
        #expect(report.accountant == .gaussian || report.epsilon == 0)
    }

    @Test("sampled rounds are within a thousandth of the truth and never below it", arguments: AccountingVectors.rows("poisson_subsampled_gaussian"))
    func poisson(_ row: AccountingVectors.Row) throws {
        let event = MechanismEvent.continuous(noiseMultiplier: try #require(row.sigma), samplingRate: try #require(row.q), count: try #require(row.steps))
        let delta = try #require(row.delta)
        let report = try PrivacyAccountant.epsilon(of: [event], delta: delta)
        expectTight(report.epsilon, row)
        let moments = RenyiCurve([.init(.gaussian(sigma: event.noiseMultiplier, samplingRate: event.samplingRate), count: event.count)]).epsilon(delta: delta)
        #expect(moments >= (row.epsilon_ref ?? 0) - (row.epsilon_ref_abs_err ?? 0))
        #expect(moments <= (row.epsilon_rdp ?? .infinity) + 1e-9)
    }

    @Test("rounds of different kinds are within a thousandth of the truth and never below it", arguments: AccountingVectors.rows("heterogeneous"))
    func heterogeneous(_ row: AccountingVectors.Row) throws {
        let components = try #require(row.events).map { event -> PrivacyLossComposition.Component in
            let step: LossStep =
                event.type == "laplace" ? .laplace(scale: try #require(event.b)) : .gaussian(sigma: try #require(event.sigma), samplingRate: event.q ?? 1)
            return .init(step, count: event.count)
        }
        let delta = try #require(row.delta)
        expectTight(PrivacyLossComposition(components).epsilon(delta: delta), row)
        let moments = RenyiCurve(components).epsilon(delta: delta)
        #expect(moments >= (row.epsilon_ref ?? 0) - (row.epsilon_ref_abs_err ?? 0))
        #expect(moments <= (row.epsilon_rdp ?? .infinity) + 1e-9)
    }

    private func expectTight(_ epsilon: Double, _ row: AccountingVectors.Row) {
        let (reference, error) = (row.epsilon_ref ?? .infinity, row.epsilon_ref_abs_err ?? 0)
        #expect(epsilon >= reference - error)
        #expect(epsilon <= 1.001 * reference + error)
    }

    @Test("one step's Rényi divergence is exact to 1e-12 at whole and fractional orders", arguments: AccountingVectors.rows("rdp_subsampled_gaussian_one_step"))
    func oneStep(_ row: AccountingVectors.Row) throws {
        let reference = try #require(row.rdp_ref_mix_vs_base)
        let value = RenyiDivergence.subsampledGaussian(
            alpha: try #require(row.alpha), noiseMultiplier: try #require(row.sigma), samplingRate: try #require(row.q))
        #expect((value / reference - 1).magnitude <= 1e-12)
    }

    @Test("zero-concentrated privacy converts as by Canonne, Kamath and Steinke", arguments: AccountingVectors.rows("zcdp_conversion"))
    func zeroConcentrated(_ row: AccountingVectors.Row) throws {
        let reference = try #require(row.epsilon_cks20)
        let value = ZeroConcentrated.epsilon(rho: try #require(row.rho), delta: try #require(row.delta))
        #expect((value - reference).magnitude <= 1e-9 * max(1, reference))
    }

    @Test("calibrated noise is exact for full participation and never too small with sampling", arguments: AccountingVectors.rows("calibration"))
    func calibration(_ row: AccountingVectors.Row) throws {
        let reference = try #require(row.sigma_ref)
        let q = try #require(row.q)
        let value = try PrivacyAccountant.noiseMultiplier(
            epsilon: try #require(row.target_epsilon), delta: try #require(row.delta), samplingRate: q, rounds: try #require(row.steps), gridShare: 0)
        #expect(value >= reference - (row.sigma_ref_abs_err ?? 0))
        if q == 1 {
            #expect(value <= reference * (1 + 1e-9))
        } else {
            #expect(value <= 1.001 * reference)
        }
    }

    @Test("δ of the Gaussian at a given ε", arguments: AccountingVectors.rows("epsilon_to_delta").filter { $0.q == 1 })
    func delta(_ row: AccountingVectors.Row) throws {
        let reference = try #require(row.delta_ref)
        let mu = Double(try #require(row.steps)).squareRoot() / (try #require(row.sigma))
        let value = GaussianComposition.delta(epsilon: try #require(row.epsilon), mu: mu)
        #expect(value >= reference * (1 - 1e-12))
        #expect(value <= reference * (1 + 1e-9))
    }

    @Test("one coordinate of discrete noise costs no less than the exact value of the lattice", arguments: AccountingVectors.rows("discrete_gaussian"))
    func discrete(_ row: AccountingVectors.Row) throws {
        let sigma = try #require(row.sigma)
        // Below one grid unit the proof of the slack does not hold, and the accountant refuses.
        guard sigma >= 1 else { return }
        let sensitivity = try #require(row.sensitivity)
        let report = try PrivacyAccountant.cost(
            noiseMultiplier: sigma / sensitivity, rounds: try #require(row.steps), dimension: 1, gridStandardDeviation: sigma, delta: try #require(row.delta))
        #expect(report.epsilon >= (row.epsilon_ref ?? 0) - (row.epsilon_ref_abs_err ?? 0))
        #expect(report.epsilon <= (row.epsilon_zcdp ?? .infinity) * (1 + 1e-9))
    }
}
