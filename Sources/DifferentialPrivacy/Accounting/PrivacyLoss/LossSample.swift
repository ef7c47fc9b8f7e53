import CKernels

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Losses and logarithms of their masses on some hundred points: moments of one truncated step to about 10⁻¹⁰, used only to choose the
/// tilt and the window. Nothing that is reported depends on them being exact.
struct LossSample {
    private var losses: [Double] = []
    private var logMasses: [Double] = []

    init(losses: [Double], logMasses: [Double]) {
        self.losses = losses
        self.logMasses = logMasses
    }

    /// - Parameter tail: mass cut away on either side.
    init(_ step: LossStep, _ direction: LossStep.Direction, tail: Double) {
        switch step {
        case .gaussian(let sigma, let q):
            let reach = LossStep.reach(sigma: sigma, samplingRate: q, tail: tail)
            let spacing = min(sigma / 8, sigma * sigma / 2)
            let count = max(64, min(20_000, Int((reach.high - reach.low) / spacing)))
            let width = (reach.high - reach.low) / Double(count)
            let normaliser = log(width / (sigma * (2 * Double.pi).squareRoot()))
            losses.reserveCapacity(count)
            logMasses.reserveCapacity(count)
            for index in 0..<count {
                let x = reach.low + (Double(index) + 0.5) * width
                let loss = LossStep.loss(x, sigma: sigma, samplingRate: q)
                let base = -x * x / (2 * sigma * sigma) + normaliser
                losses.append(direction == .remove ? loss : -loss)
                logMasses.append(direction == .remove ? base + loss : base)
            }
        case .laplace(let scale):
            losses = [1 / scale, -1 / scale]
            logMasses = [log(0.5), log(0.5) - 1 / scale]
            let count = 64
            for index in 0..<count {
                let x = (Double(index) + 0.5) / Double(count)
                losses.append((1 - 2 * x) / scale)
                logMasses.append(-x / scale - log(2 * scale * Double(count)))
            }
        }
    }

    /// ln E[e^(λL)], and mean and variance of L under the tilted law.
    func moments(_ lambda: Double) -> (logMoment: Double, mean: Double, variance: Double) {
        let count = Int64(losses.count)
        let peak = tributary_log_peak(count, lambda, losses, logMasses)
        var sums = (0.0, 0.0)
        let total = withUnsafeMutablePointer(to: &sums) { pointer in
            pointer.withMemoryRebound(to: Double.self, capacity: 2) { tributary_log_sum(count, lambda, losses, logMasses, peak, $0) }
        }
        let mean = sums.0 / total
        return (peak + log(total), mean, max(0, sums.1 / total - mean * mean))
    }
}

/// The samples of all steps of a composition, in one direction.
struct LossSamples {
    private let parts: [(sample: LossSample, count: Double)]

    init(_ parts: [(sample: LossSample, count: Double)]) { self.parts = parts }

    init(_ components: [PrivacyLossComposition.Component], _ direction: LossStep.Direction, tail: Double) {
        parts = components.map { (LossSample($0.step, direction, tail: tail), $0.count) }
    }

    func moments(_ lambda: Double) -> (logMoment: Double, mean: Double, variance: Double) {
        parts.reduce((0, 0, 0)) { sum, part in
            let one = part.sample.moments(lambda)
            return (sum.0 + part.count * one.logMoment, sum.1 + part.count * one.mean, sum.2 + part.count * one.variance)
        }
    }

    /// ε at δ by the moment of order λ (Canonne, Kamath and Steinke 2020, proposition 12, with α = λ + 1).
    private func epsilon(_ lambda: Double, logDelta: Double) -> Double {
        (moments(lambda).logMoment - logDelta - log1p(lambda)) / lambda + log(lambda / (1 + lambda))
    }

    /// ln δ at ε by the moment of order λ.
    private func logDelta(_ lambda: Double, epsilon: Double) -> Double {
        moments(lambda).logMoment - lambda * epsilon + lambda * log(lambda / (1 + lambda)) - log1p(lambda)
    }

    private static func minimum(_ function: (Double) -> Double) -> Double {
        var best = (value: Double.infinity, at: 0.0)
        for step in -14...26 {
            let logarithm = Double(step) / 2
            let value = function(logarithm)
            if value < best.value { best = (value, logarithm) }
        }
        return Bisection.minimum(from: best.at - 0.5, to: best.at + 0.5, iterations: 16, of: function)
    }

    /// The tilt that suits a target δ, and the ε that moments alone give.
    func tilt(delta: Double) -> (lambda: Double, epsilon: Double) {
        let logarithm = Self.minimum { epsilon(exp($0), logDelta: log(delta)) }
        let lambda = exp(logarithm)
        return (lambda, epsilon(lambda, logDelta: log(delta)))
    }

    /// The tilt that suits a target ε, and the ln δ that moments alone give.
    func tilt(epsilon: Double) -> (lambda: Double, logDelta: Double) {
        let logarithm = Self.minimum { logDelta(exp($0), epsilon: epsilon) }
        let lambda = exp(logarithm)
        return (lambda, logDelta(lambda, epsilon: epsilon))
    }

    /// The distance above (sign 1) or below (sign −1) the tilted mean beyond which a tilted mass of at most e^(−strength) lies, when
    /// losses at distance x count only e^(−decay x); Chernoff's bound minimised over its parameter.
    func spread(lambda: Double, sign: Double, strength: Double, decay: Double) -> (distance: Double, theta: Double) {
        let center = moments(lambda)
        let deviation = center.variance.squareRoot()
        var best = (distance: Double.infinity, theta: 0.0)
        for exponent in -3...9 {
            let theta = exp2(Double(exponent) / 2) / deviation * sign
            if lambda + theta <= -1 { continue }
            let growth = moments(lambda + theta).logMoment - center.logMoment - theta * center.mean
            let distance = (growth + strength) / (theta.magnitude + decay)
            if distance < best.distance { best = (distance, theta) }
        }
        return best
    }
}
