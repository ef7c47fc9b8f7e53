#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

extension PrivacyLossComposition {
    /// δ at ε: an upper bound, and what the bounds on grids h, 2h and 4h tend to.
    ///
    /// The excess of connect-the-dots is a series in h², so that R(h) = U(h) − (U(2h) − U(h))/3 is free of its first term and (16 R(h) − R(2h))/15 of the second;
    /// `refined` stays above that by as much as the second correction amounts to, and never exceeds `upper`. Only `upper` is proven.
    package func deltaBounds(epsilon: Double) -> (refined: Double, upper: Double) {
        if components.isEmpty { return (0, 0) }
        if components.count == 1, components[0].count == 1, let exact = SingleStep.delta(components[0].step, epsilon: epsilon) { return (exact, exact) }
        var worst = (refined: 0.0, upper: 0.0)
        let limit = min(1, distance)
        guard isTractable else { return (limit, limit) }
        for direction in isSymmetric ? [LossStep.Direction.remove] : LossStep.Direction.allCases {
            // A first look tells the size of δ, from which the mass that may be cut follows.
            var tail = 1e-30
            var tilt = LossSamples(components, direction, tail: tail).tilt(epsilon: epsilon)
            for _ in 0..<2 {
                tail = max(1e-300, Self.cut * exp(tilt.logDelta) / 100 / steps)
                tilt = LossSamples(components, direction, tail: tail).tilt(epsilon: epsilon)
            }
            // The moments alone show when a direction cannot be the larger one.
            if exp(tilt.logDelta) * 1.02 < worst.refined { continue }
            let samples = LossSamples(components, direction, tail: tail)
            let window = Window(samples, lambda: tilt.lambda, epsilon: epsilon, strength: 24, margin: 1)
            guard window.isSound else { return (limit, limit) }
            let aim = (12 * 2e-5 / (tilt.lambda * (tilt.lambda + 1) * steps)).squareRoot()
            let bits = window.bits(forSpacing: aim, largest: Self.largestBits - 1)
            var spacing = window.width / exp2(Double(bits))
            // ε lies on all three grids: between grid points the bound has an excess of its own.
            let cells = (epsilon / (4 * spacing)).rounded(.down)
            if cells >= 1 { spacing = epsilon / (4 * cells) }
            guard isAffordable(spacing: spacing, tail: tail) else { return (limit, limit) }
            var grids = grids(direction, spacing: spacing, tail: tail)
            var bounds: [Double] = []
            var upper = 1.0
            for level in 0..<3 {
                let twiddles = Twiddles(count: 1 << (bits - level - 1))
                guard
                    let convolution = TiltedConvolution(
                        grids, spacing: spacing, lambda: tilt.lambda, window: window.low, theta: window.theta, bits: bits - level, twiddles: twiddles)
                else { return (limit, limit) }
                bounds.append(convolution.delta(epsilon, allowing: false))
                if level == 0 { upper = convolution.delta(epsilon) }
                grids = grids.map { ($0.grid.coarsened(spacing: spacing), $0.count) }
                spacing *= 2
            }
            let sharp = bounds[0] - (bounds[1] - bounds[0]) / 3
            let blunt = bounds[1] - (bounds[2] - bounds[1]) / 3
            worst.refined = max(worst.refined, min(upper, sharp + ((sharp - blunt) + (sharp - blunt).magnitude) / 15))
            worst.upper = max(worst.upper, upper)
        }
        return (min(worst.refined, limit), min(worst.upper, limit))
    }
}
