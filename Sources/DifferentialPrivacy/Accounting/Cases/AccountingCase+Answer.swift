#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

extension AccountingCase {
    /// Asks every accountant that applies; `epsilon` is the smallest of their upper bounds.
    /// - Throws: ``PrivacyError`` naming the figure that is missing or out of range, or the mechanism nobody knows.
    public func answer() throws -> AccountingAnswer {
        var answer = AccountingAnswer(id: id)
        switch mechanism {
        case "gaussian": try compose([.init(gaussianStep(samplingRate: 1), count: count("steps"))], into: &answer)
        case "poisson_subsampled_gaussian": try compose([.init(gaussianStep(samplingRate: share("q")), count: count("steps"))], into: &answer)
        case "heterogeneous": try compose(components(), into: &answer)
        case "laplace": try laplace(&answer)
        case "discrete_gaussian": try discreteGaussian(&answer)
        case "amplified_banded_mf": try amplifiedBands(&answer)
        case "epsilon_to_delta": try delta(&answer)
        case "calibration": try calibration(&answer)
        case "tree_aggregation": try tree(&answer)
        case "toeplitz_matrix_factorization": try factorization(&answer)
        case "fixed_size_without_replacement_gaussian": try fixedSize(&answer)
        case "rdp_subsampled_gaussian_one_step": try oneStep(&answer)
        case "zcdp_conversion": try zeroConcentrated(&answer)
        case "adaptive_clipping_noise_split": try clipping(&answer)
        case "distributed_discrete_gaussian": try distributed(&answer)
        case "skellam_rdp": try skellam(&answer)
        case "": throw PrivacyError(.invalidParameter, "mechanism is missing")
        default: throw PrivacyError(.invalidParameter, "mechanism \"\(mechanism)\" is unknown")
        }
        return answer
    }

    private func gaussianStep(samplingRate: Double) throws -> LossStep { .gaussian(sigma: try positive("sigma"), samplingRate: samplingRate) }

    private func components() throws -> [PrivacyLossComposition.Component] {
        guard !events.isEmpty else { throw PrivacyError(.invalidParameter, "events is missing or empty; it must list at least one kind of round") }
        return try events.enumerated().map { index, event in
            func positive(_ name: String, atMost largest: Double = .infinity) throws -> Double {
                do {
                    return try Self.number(name, in: event.figures, where: { $0 > 0 && $0.isFinite && $0 <= largest }, largest == 1 ? "above 0 and at most 1" : "a positive number")
                } catch let error as PrivacyError {
                    throw PrivacyError(error.code, "events[\(index)]: \(error.message)")
                }
            }
            let count = try positive("count")
            guard count == count.rounded(), count <= 0x1p40 else { throw PrivacyError(.invalidParameter, "events[\(index)]: count must be a whole number, not \(count)") }
            switch event.type {
            case "gaussian": return .init(.gaussian(sigma: try positive("sigma"), samplingRate: 1), count: Int(count))
            case "poisson_gaussian": return .init(.gaussian(sigma: try positive("sigma"), samplingRate: try positive("q", atMost: 1)), count: Int(count))
            case "laplace": return .init(.laplace(scale: try positive("b")), count: Int(count))
            default: throw PrivacyError(.invalidParameter, "events[\(index)]: type \"\(event.type)\" is unknown; it must be gaussian, poisson_gaussian or laplace")
            }
        }
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
    }

    /// Asks one accountant and keeps its time.
    func ask(_ name: String, _ answer: inout AccountingAnswer, _ question: () throws -> Double) rethrows {
        let start = Self.processorSeconds()
        let value = try question()
        answer.seconds[name] = Self.processorSeconds() - start
        var accountants: [String: Double] = [:]
        if case .named(let known)? = answer.values["accountants"] { accountants = known }
        accountants[name] = value
        answer.values["accountants"] = .named(accountants)
        answer.values["epsilon"] = .number(accountants.values.min() ?? .infinity)
    }

    /// Gaussian and Laplace rounds: every accountant that can take them.
    func compose(_ components: [PrivacyLossComposition.Component], into answer: inout AccountingAnswer) throws {
        let delta = try delta()
        answer.values["delta"] = .number(delta)
        var muSquared: Double? = 0
        var isSampled = false
        for component in components {
            switch component.step {
            case .gaussian(let sigma, let q):
                muSquared = muSquared.map { $0 + component.count / (sigma * sigma) }
                isSampled = isSampled || q < 1
            case .laplace: muSquared = nil
            }
        }
        if let muSquared {
            ask("gaussian", &answer) { GaussianComposition.epsilon(mu: muSquared.squareRoot(), delta: delta) }
            ask("zero-concentrated", &answer) { ZeroConcentrated.epsilon(rho: muSquared / 2, delta: delta) }
        }
        ask("renyi", &answer) { RenyiCurve(components).epsilon(delta: delta) }
        if isSampled || muSquared == nil { ask("privacy-loss", &answer) { PrivacyLossComposition(components).epsilon(delta: delta) } }
    }

    private func laplace(_ answer: inout AccountingAnswer) throws {
        let (scale, steps) = (try positive("scale_b"), try count("steps"))
        try compose([.init(.laplace(scale: scale), count: steps)], into: &answer)
        ask("pure", &answer) { Double(steps) / scale }
        answer.values["epsilon_pure"] = .number(Double(steps) / scale)
    }

    private func discreteGaussian(_ answer: inout AccountingAnswer) throws {
        let (sigma, steps, delta) = (try positive("sigma"), try count("steps"), try delta())
        let loss = try DiscreteGaussianLoss(sigma: sigma, sensitivity: try positive("sensitivity"))
        let rho = loss.rho(steps: steps)
        answer.values["delta"] = .number(delta)
        ask("lattice", &answer) { loss.epsilon(steps: steps, delta: delta) }
        ask("zero-concentrated", &answer) { ZeroConcentrated.epsilon(rho: rho, delta: delta) }
        answer.values["rho_zcdp"] = .number(rho)
        answer.values["epsilon_zcdp"] = .number(ZeroConcentrated.epsilon(rho: rho, delta: delta))
        answer.values["pmf_0"] = .number(DiscreteGaussianLoss.mass(0, sigma: sigma))
        answer.values["pmf_1"] = .number(DiscreteGaussianLoss.mass(1, sigma: sigma))
        answer.values["variance"] = .number(DiscreteGaussianLoss.variance(sigma: sigma))
    }

    private func amplifiedBands(_ answer: inout AccountingAnswer) throws {
        let rounds = ToeplitzFactorization.roundsPerGroup(steps: try count("steps"), bands: try count("bands"))
        answer.values["rounds_per_group"] = .number(Double(rounds))
        try compose([.init(gaussianStep(samplingRate: share("q")), count: rounds)], into: &answer)
    }

    private func delta(_ answer: inout AccountingAnswer) throws {
        let components = [PrivacyLossComposition.Component(try gaussianStep(samplingRate: share("q")), count: try count("steps"))]
        let epsilon = try notNegative("epsilon")
        var bounds = (refined: 1.0, upper: 1.0)
        ask("privacy-loss", &answer) {
            bounds = PrivacyLossComposition(components).deltaBounds(epsilon: epsilon)
            return bounds.refined
        }
        ask("renyi", &answer) { RenyiCurve(components).delta(epsilon: epsilon) }
        answer.values["epsilon"] = .number(epsilon)
        answer.values["delta"] = .number(bounds.refined)
        answer.values["delta_upper"] = .number(bounds.upper)
    }

    private func calibration(_ answer: inout AccountingAnswer) throws {
        let (target, delta) = (try positive("target_epsilon"), try delta())
        let start = Self.processorSeconds()
        var (sigma, q, steps) = (0.0, 1.0, 1)
        if !has("sigma") {
            (q, steps) = (try share("q"), try count("steps"))
            sigma = try PrivacyAccountant.noiseMultiplier(epsilon: target, delta: delta, samplingRate: q, rounds: steps, gridShare: 0)
            answer.values["sigma"] = .number(sigma)
        } else if !has("steps") {
            (sigma, q) = (try positive("sigma"), try share("q"))
            steps = try PrivacyAccountant.rounds(of: .continuous(noiseMultiplier: sigma, samplingRate: q), epsilon: target, delta: delta)
            answer.values["steps"] = .number(Double(steps))
        } else if !has("q") {
            (sigma, steps) = (try positive("sigma"), try count("steps"))
            q = try PrivacyAccountant.samplingRate(noiseMultiplier: sigma, epsilon: target, delta: delta, rounds: steps)
            answer.values["q"] = .number(q)
        } else {
            throw PrivacyError(.invalidParameter, "sigma, q and steps are all given; leave out the one to be found")
        }
        answer.seconds["calibration"] = Self.processorSeconds() - start
        if steps >= 1 {
            let event = MechanismEvent.continuous(noiseMultiplier: sigma, samplingRate: q, count: steps)
            answer.values["epsilon"] = .number(try PrivacyAccountant.epsilon(of: [event], delta: delta).epsilon)
        } else {
            answer.values["epsilon"] = .number(0)
        }
        answer.values["delta"] = .number(delta)
    }
}
