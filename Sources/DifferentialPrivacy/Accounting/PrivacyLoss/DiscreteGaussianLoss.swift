#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// One coordinate of discrete Gaussian noise N_Z(0, σ²) on an integer of sensitivity Δ, exactly: the losses (2kΔ − Δ²)/(2σ²) lie on a lattice, so that
/// nothing is discretised. Neighbouring relation: add or remove one user; both directions are alike (k ↦ Δ − k).
package struct DiscreteGaussianLoss: Sendable {
    private let sigma: Double
    private let sensitivity: Double

    /// - Parameters: sigma: in [0.05, 10⁵], grid units. sensitivity: Δ, whole, ≥ 1, at most 10⁶.
    /// - Throws: ``PrivacyError`` (`invalidParameter`).
    package init(sigma: Double, sensitivity: Double) throws {
        guard sigma >= 0.05, sigma <= 1e5 else { throw PrivacyError(.invalidParameter, "exact lattice accounting takes noise from 0.05 to 100,000 grid units, not \(sigma)") }
        guard sensitivity >= 1, sensitivity <= 1e6, sensitivity == sensitivity.rounded() else {
            throw PrivacyError(.invalidParameter, "the sensitivity on the grid must be a whole number from 1 to 1,000,000, not \(sensitivity)")
        }
        self.sigma = sigma
        self.sensitivity = sensitivity
    }

    /// Σ_k e^(−k²/2σ²)
    private static func normaliser(_ sigma: Double) -> Double {
        var sum = 0.0
        for k in stride(from: (39 * sigma).rounded(.up), through: 1, by: -1) { sum += exp(-k * k / (2 * sigma * sigma)) }
        return 1 + 2 * sum
    }

    /// P(k).
    package static func mass(_ k: Int, sigma: Double) -> Double { exp(-Double(k * k) / (2 * sigma * sigma)) / normaliser(sigma) }

    /// E[k²].
    package static func variance(sigma: Double) -> Double {
        var sum = 0.0
        for k in stride(from: (39 * sigma).rounded(.up), through: 1, by: -1) { sum += k * k * exp(-k * k / (2 * sigma * sigma)) }
        return 2 * sum / normaliser(sigma)
    }

    /// ρ of `steps` releases: TΔ²/(2σ²) (Canonne, Kamath and Steinke 2020, theorem 4).
    package func rho(steps: Int) -> Double { Double(steps) * sensitivity * sensitivity / (2 * sigma * sigma) }

    /// The smallest ε of `steps` releases at δ; an upper bound, to about 10⁻¹⁰.
    /// - Parameters: steps: ≥ 1. delta: in (0, 1).
    package func epsilon(steps: Int, delta: Double) -> Double {
        let count = Double(steps)
        // Mass beyond t deviations: at most 2e^(−t²/2) for σ ≥ 0.05, rounded up generously.
        let t = (-2 * log(1e-14 * delta / count)).squareRoot()
        let reach = Int((t * sigma).rounded(.up)) + 2
        let logNormaliser = log(Self.normaliser(sigma))
        // Losses (2k − Δ) Δ/(2σ²) with k − Δ ~ N_Z: indices 2k − Δ = Δ + 2j, j = −reach ... reach.
        let spacing = sensitivity / (2 * sigma * sigma)
        let delta0 = Int(sensitivity)
        var masses = [Double](repeating: 0, count: 4 * reach + 1)
        var losses: [Double] = []
        var logMasses: [Double] = []
        let every = max(1, reach / 1000)
        for j in -reach...reach {
            let logMass = -Double(j * j) / (2 * sigma * sigma) - logNormaliser
            masses[2 * (j + reach)] = exp(logMass)
            if j.isMultiple(of: every) {
                losses.append(Double(delta0 + 2 * j) * spacing)
                logMasses.append(logMass + log(Double(every)))
            }
        }
        let grid = LossGrid(low: delta0 - 2 * reach, masses: masses, infinite: 1e-14 * delta / count)
        let samples = LossSamples([(LossSample(losses: losses, logMasses: logMasses), count)])
        var (lambda, guess) = samples.tilt(delta: delta)
        if guess <= 0 { (lambda, guess) = (samples.tilt(epsilon: 0).lambda, 0) }
        var margin = 1.0
        for _ in 0..<6 {
            let window = PrivacyLossComposition.Window(samples, lambda: lambda, epsilon: guess, strength: 30, margin: margin)
            guard window.isSound else { break }
            let bits = min(max(Int(log2(window.width / spacing).rounded(.up)), 6), 24)
            guard
                let convolution = TiltedConvolution(
                    [(grid, count)], spacing: spacing, lambda: lambda, window: window.low, theta: window.theta, bits: bits, twiddles: Twiddles(count: 1 << (bits - 1)))
            else { break }
            switch convolution.epsilon(delta: delta, slack: 0) {
            case .found(let value): return value
            case .below: guess = max(0, window.low)
            case .above: guess = window.low + window.width
            }
            margin *= 2
            if guess > 0 { lambda = samples.tilt(epsilon: guess).lambda }
        }
        return ZeroConcentrated.epsilon(rho: rho(steps: steps), delta: delta)
    }
}
