#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A fixed list of mechanisms, composed through the distribution of their privacy loss; both directions of the neighbouring relation.
///
/// Valid for mechanisms whose parameters are chosen in advance. Every answer is an upper bound: the discrete pair dominates the true one,
/// what is cut counts as infinite loss, and rounding is added. The grid is halved until halving no longer matters.
package struct PrivacyLossComposition: Sendable {
    package struct Component: Sendable, Hashable {
        package var step: LossStep
        /// How often; a whole number ≥ 1.
        package var count: Double

        package init(_ step: LossStep, count: Int) {
            self.step = step
            self.count = Double(count)
        }

        /// Sums are formed in this order, so that the order of events never matters.
        var order: (Int, Double, Double) {
            switch step {
            case .gaussian(let sigma, let q): (0, sigma, q)
            case .laplace(let scale): (1, scale, 0)
            }
        }
    }
    let components: [Component]
    /// Relative error of ε at which the grid is fine enough.
    package var tolerance = 1e-4
    /// The largest window has 2^bits points.
    static let largestBits = 22
    /// The share of δ that may be cut away.
    static let cut = 1e-8

    /// - Parameter components: with valid parameters; Gaussian steps without sampling are merged into one exactly.
    package init(_ components: [Component]) {
        var muSquared = 0.0
        var others: [LossStep: Double] = [:]
        for component in components {
            if case .gaussian(let sigma, let q) = component.step, q >= 1 {
                muSquared += component.count / (sigma * sigma)
            } else {
                others[component.step, default: 0] += component.count
            }
        }
        var merged = others.map { step, count in
            var component = Component(step, count: 1)
            component.count = count
            return component
        }
        merged.sort { $0.order < $1.order }
        if muSquared > 0 { merged.append(Component(.gaussian(sigma: 1 / muSquared.squareRoot(), samplingRate: 1), count: 1)) }
        self.components = merged
    }

    /// Total variation between the two neighbouring runs is at most this sum over the steps, which bounds δ at every ε.
    var distance: Double {
        components.reduce(0) { sum, component in
            switch component.step {
            case .gaussian(let sigma, let q): sum + component.count * q * erf(1 / (8.0.squareRoot() * sigma)) * (1 + 1e-12)
            case .laplace(let scale): sum + component.count * -expm1(-1 / (2 * scale)) * (1 + 1e-12)
            }
        }
    }
    /// With less noise ε is in the thousands, and the grids would grow beyond measure.
    var isTractable: Bool {
        components.allSatisfy {
            switch $0.step {
            case .gaussian(let sigma, _): sigma >= 0.02 && sigma <= 1e7
            case .laplace(let scale): scale >= 1e-3 && scale <= 1e7
            }
        }
    }

    var steps: Double { components.reduce(0) { $0 + $1.count } }
    var isSymmetric: Bool { components.allSatisfy(\.step.isSymmetric) }

    /// The smallest ε found with δ(ε) + (1 + e^ε) slack ≤ δ; infinite when none is.
    /// - Parameters: delta: in (0, 1). slack: total-variation distance of the mechanism run from this one, ≥ 0.
    package func epsilon(delta: Double, slack: Double = 0) -> Double {
        if components.isEmpty { return 0 }
        if 2 * slack >= delta { return .infinity }
        if distance <= delta - 2 * slack { return 0 }
        if components.count == 1, components[0].count == 1, slack == 0, let exact = SingleStep.epsilon(components[0].step, delta: delta) { return exact }
        let remove = epsilon(.remove, delta: delta, slack: slack, unlessBelow: 0)
        return isSymmetric ? remove : max(remove, epsilon(.add, delta: delta, slack: slack, unlessBelow: remove))
    }

    /// ε at δ of each direction alone.
    package func epsilons(delta: Double) -> (remove: Double, add: Double) {
        (epsilon(.remove, delta: delta, slack: 0, unlessBelow: 0), epsilon(.add, delta: delta, slack: 0, unlessBelow: 0))
    }

    /// One direction; infinite when it cannot be computed, 0 when the moments alone show that it stays below another's ε, so that there is nothing to compute.
    private func epsilon(_ direction: LossStep.Direction, delta: Double, slack: Double, unlessBelow other: Double) -> Double {
        guard isTractable else { return .infinity }
        let tail = Self.cut * delta / steps
        let samples = LossSamples(components, direction, tail: tail)
        let tilt = samples.tilt(delta: delta)
        // Moments of the samples are not certified to the last digit, hence the margin.
        if slack == 0, tilt.epsilon < 0.98 * other { return 0 }
        return epsilon(direction, samples, tilt, delta: delta, slack: slack, tail: tail)
    }

    private func epsilon(
        _ direction: LossStep.Direction, _ samples: LossSamples, _ tilt: (lambda: Double, epsilon: Double), delta: Double, slack: Double, tail: Double
    ) -> Double {
        var (lambda, guess) = tilt
        if guess <= 0 {
            lambda = samples.tilt(epsilon: 0).lambda
            guess = 0
        }
        var margin = 1.0
        for _ in 0..<6 {
            let window = Window(samples, lambda: lambda, epsilon: guess, strength: 15, margin: margin)
            guard window.isSound else { return .infinity }
            // Connect-the-dots raises ln δ by about λ(λ + 1)h²/12 a step, hence ε by (λ + 1)h²/12.
            let scale = max(guess, 1e-3 * window.width)
            var bits = window.bits(forSpacing: (12 * 0.5 * tolerance * scale / ((lambda + 1) * steps)).squareRoot(), largest: Self.largestBits)
            while true {
                let spacing = window.width / exp2(Double(bits))
                guard isAffordable(spacing: spacing, tail: tail) else { return .infinity }
                let fine = grids(direction, spacing: spacing, tail: tail)
                let coarse = fine.map { (grid: $0.grid.coarsened(spacing: spacing), count: $0.count) }
                let half = Twiddles(count: 1 << (bits - 1))
                let sharp = TiltedConvolution(fine, spacing: spacing, lambda: lambda, window: window.low, theta: window.theta, bits: bits, twiddles: half)?
                    .epsilon(delta: delta, slack: slack)
                guard let sharp else { return .infinity }
                guard case .found(let value) = sharp else {
                    // With slack there may be no ε at all.
                    if slack > 0, case .above = sharp, margin > 1 { return .infinity }
                    if case .below = sharp { guess = max(0, window.low) } else { guess = window.low + window.width }
                    break
                }
                let quarter = Twiddles(count: 1 << (bits - 2))
                let blunt = TiltedConvolution(coarse, spacing: 2 * spacing, lambda: lambda, window: window.low, theta: window.theta, bits: bits - 1, twiddles: quarter)?
                    .epsilon(delta: delta, slack: slack)
                if case .found(let other) = blunt, (other - value) / 3 <= tolerance * value || bits >= Self.largestBits { return value }
                if bits >= Self.largestBits { return value }
                bits += 1
            }
            margin *= 2
            if guess > 0 {
                let next = samples.tilt(epsilon: guess)
                lambda = next.lambda
            }
        }
        return .infinity
    }

    /// Whether the grids of all steps fit into memory.
    func isAffordable(spacing: Double, tail: Double) -> Bool {
        components.reduce(0) { $0 + $1.step.span(tail: tail) / spacing } <= 0x1p24
    }

    func grids(_ direction: LossStep.Direction, spacing: Double, tail: Double) -> [(grid: LossGrid, count: Double)] {
        components.map { component in
            let pair = LossGrid.pair(component.step, spacing: spacing, tail: tail)
            return (direction == .remove ? pair.remove : pair.add, component.count)
        }
    }

    /// The part of the line on which sums are told apart.
    struct Window {
        var low: Double
        var width: Double
        /// Chernoff's parameter for what lies above.
        var theta: Double

        /// Around the tilted mean and the ε expected: e^(−strength) of the tilted mass lies below, above it what counts as little, and what
        /// wraps round from farther above than that falls below ε.
        init(_ samples: LossSamples, lambda: Double, epsilon: Double, strength: Double, margin: Double) {
            let center = samples.moments(lambda)
            let below = samples.spread(lambda: lambda, sign: -1, strength: strength, decay: 0).distance * margin
            let above = samples.spread(lambda: lambda, sign: 1, strength: strength + 2, decay: lambda)
            theta = above.theta
            let farthest = samples.spread(lambda: lambda, sign: 1, strength: strength, decay: 0).distance * margin
            low = min(center.mean, epsilon) - below
            let high = max(center.mean, epsilon) + above.distance * margin
            width = max(high - low, center.mean + farthest - epsilon)
        }

        /// Whether all figures are numbers a grid can be made for.
        var isSound: Bool { low.isFinite && width.isFinite && width > 0 && theta.isFinite && theta > 0 && low.magnitude / width < 0x1p30 }

        func bits(forSpacing h: Double, largest: Int) -> Int {
            let needed = log2(width / h)
            return needed.isFinite ? min(max(Int(needed.rounded(.up)), 10), largest) : largest
        }
    }
}
