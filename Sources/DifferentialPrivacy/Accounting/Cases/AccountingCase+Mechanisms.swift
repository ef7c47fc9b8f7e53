#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

extension AccountingCase {
    /// One Gaussian mechanism of squared sensitivity `squared` with noise `sigma`.
    private func gaussian(squared: Double, sigma: Double, delta: Double, _ answer: inout AccountingAnswer) {
        let rho = squared / (2 * sigma * sigma)
        answer.values["delta"] = .number(delta)
        ask("gaussian", &answer) { GaussianComposition.epsilon(mu: squared.squareRoot() / sigma, delta: delta) }
        ask("zero-concentrated", &answer) { ZeroConcentrated.epsilon(rho: rho, delta: delta) }
    }

    func tree(_ answer: inout AccountingAnswer) throws {
        let (z, delta) = (try positive("noise_multiplier"), try delta())
        let squared: Double
        if let trees = lists["steps_per_tree"] {
            guard trees.allSatisfy({ $0 >= 1 && $0 <= 0x1p40 && $0 == $0.rounded() }) else {
                throw PrivacyError(.invalidParameter, "steps_per_tree must list whole numbers of at least 1")
            }
            squared = try TreeAggregation.sensitivitySquared(stepsPerTree: trees.map { Int($0) })
        } else {
            guard has("total_steps") else { throw PrivacyError(.invalidParameter, "steps_per_tree and total_steps are both missing; a tree needs one of them") }
            squared = try TreeAggregation.sensitivitySquared(
                steps: try count("total_steps"), participations: try count("max_participation"), separation: try count("min_separation_between", from: 0))
        }
        gaussian(squared: squared, sigma: z, delta: delta, &answer)
        let rho = squared / (2 * z * z)
        answer.values["sum_sensitivity_squared"] = .number(squared)
        answer.values["rho_zcdp"] = .number(rho)
        answer.values["epsilon_zcdp"] = .number(ZeroConcentrated.epsilon(rho: rho, delta: delta))
    }

    func factorization(_ answer: inout AccountingAnswer) throws {
        let factorization = try ToeplitzFactorization(steps: try count("steps"), bands: try count("bands"))
        let squared = try factorization.sensitivitySquared(participations: try count("max_participations"), separation: try count("min_sep"))
        let errors = factorization.prefixErrors()
        gaussian(squared: squared, sigma: try positive("sigma"), delta: try delta(), &answer)
        answer.values["sensitivity_squared"] = .number(squared)
        answer.values["strategy_coef_head"] = .list(Array(factorization.strategy.prefix(6)))
        answer.values["noising_coef_head"] = .list(factorization.noising(count: min(6, factorization.steps)))
        answer.values["max_prefix_error_per_unit_noise"] = .number(errors.largest)
        answer.values["mean_prefix_error_per_unit_noise"] = .number(errors.mean)
    }

    func fixedSize(_ answer: inout AccountingAnswer) throws {
        let (steps, delta) = (try count("steps"), try delta())
        let sampling = try FixedSizeSampling(sigma: try positive("sigma"), datasetSize: try count("dataset_size"), sampleSize: try count("sample_size"))
        var order = 0
        answer.values["delta"] = .number(delta)
        ask("renyi", &answer) {
            let best = sampling.epsilon(steps: steps, delta: delta)
            order = best.order
            return best.epsilon
        }
        answer.values["epsilon_rdp"] = answer.values["epsilon"]
        answer.values["rdp_order"] = .number(Double(order))
        let plain = sampling.epsilonWithoutAmplification(steps: steps, delta: delta)
        ask("gaussian", &answer) { plain }
        answer.values["epsilon_no_amplification"] = .number(plain)
    }

    func oneStep(_ answer: inout AccountingAnswer) throws {
        let (q, sigma, alpha) = (try share("q"), try positive("sigma"), try positive("alpha"))
        guard alpha > 1 else { throw PrivacyError(.invalidParameter, "alpha must be above 1, not \(alpha)") }
        answer.values["rdp_ref_mix_vs_base"] = .number(RenyiDivergence.subsampledGaussian(alpha: alpha, noiseMultiplier: sigma, samplingRate: q))
    }

    func zeroConcentrated(_ answer: inout AccountingAnswer) throws {
        let (rho, delta) = (try notNegative("rho"), try delta())
        answer.values["delta"] = .number(delta)
        let conversion = ZeroConcentrated.conversion(rho: rho, delta: delta)
        ask("zero-concentrated", &answer) { conversion.epsilon }
        answer.values["epsilon_cks20"] = .number(conversion.epsilon)
        answer.values["alpha_cks20"] = .number(conversion.order)
        answer.values["epsilon_bs16"] = .number(ZeroConcentrated.simpleEpsilon(rho: rho, delta: delta))
        answer.values["epsilon_gaussian_same_rho"] = .number(GaussianComposition.epsilon(mu: (2 * rho).squareRoot(), delta: delta))
    }

    func clipping(_ answer: inout AccountingAnswer) throws {
        let z = try positive("noise_multiplier")
        let updates = try AdaptiveClippingSplit.updateNoiseMultiplier(noiseMultiplier: z, countDeviation: try positive("clipped_count_stddev"))
        answer.values["noise_multiplier_delta"] = .number(updates)
        answer.values["inflation"] = .number(updates / z)
    }

    func distributed(_ answer: inout AccountingAnswer) throws {
        let (steps, delta) = (try count("steps"), try delta())
        let sum = try DistributedDiscreteGaussian(
            clients: try count("clients"), dimension: try count("dim"), clip: try positive("l2_clip"), gridStep: try positive("gamma"),
            localDeviation: try positive("local_stddev"), beta: try positive("beta"))
        let rho = sum.rho(steps: steps)
        answer.values["delta"] = .number(delta)
        ask("zero-concentrated", &answer) { ZeroConcentrated.epsilon(rho: rho, delta: delta) }
        answer.values["epsilon_cks20"] = answer.values["epsilon"]
        answer.values["l2_after_rounding_grid"] = .number(sum.norm)
        answer.values["l1_after_rounding_grid"] = .number(sum.absoluteNorm)
        answer.values["tau"] = .number(sum.tau)
        answer.values["concentrated_eps_per_step"] = .number(sum.concentratedEpsilon)
        answer.values["rho_total"] = .number(rho)
    }

    func skellam(_ answer: inout AccountingAnswer) throws {
        answer.values["rdp_bound"] = .number(
            try Skellam.divergence(
                alpha: try positive("alpha"), absoluteSensitivity: try notNegative("l1_sensitivity"), sensitivity: try notNegative("l2_sensitivity"),
                variance: try positive("variance")))
    }
}
