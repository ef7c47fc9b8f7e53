import CKernels

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The distribution of a sum of losses under an exponential tilt, on a circle of n grid points, and what it says about δ.
///
/// With w_i ∝ p_i e^(λ l_i) the sum S of all losses has δ(ε) = e^(K − λε) Σ_{S > ε} w(S) (e^(−λ(S − ε)) − e^(−(λ + 1)(S − ε))), K = Σ ln E[e^(λL)].
/// The tilt puts the weight where δ is decided, so that rounding is relative to the answer. Errors, all on the side of a larger δ:
/// - sums beyond the window wrap round and are counted again at smaller sums; those between ε and the top are counted correctly or more;
/// - sums above the top are missing; their tilted mass is bounded by Chernoff, and each counts at most e^(−λ(top − ε));
/// - rounding of the transforms, `rounding` in the L2 norm of the masses, enters by Cauchy and Schwarz's inequality.
struct TiltedConvolution {
    /// λ and the grid's h.
    private let lambda: Double
    private let spacing: Double
    /// Grid index of the window's lower end.
    private let bottom: Int
    /// Tilted masses of the indices bottom ..< bottom + masses.count.
    private var masses: [Double]
    /// K, rounding allowance included.
    private let logMoment: Double
    /// Error of all masses together, L2 norm times that of the weights.
    private let rounding: Double
    /// Bound on the tilted mass above the window.
    private let beyond: Double
    /// P-mass of infinite loss over all steps.
    private let infinite: Double

    /// - Parameters:
    ///   - parts: grids of one spacing and how often each is composed, ≥ 1.
    ///   - window: lower end in units of the loss.
    ///   - theta: parameter of Chernoff's bound on what lies above the window; any value > 0 is valid.
    ///   - bits: the window has 2^bits points, bits ≥ 3.
    /// - Returns: nil when the figures are beyond what numbers can carry.
    init?(_ parts: [(grid: LossGrid, count: Double)], spacing h: Double, lambda: Double, window: Double, theta: Double, bits: Int, twiddles: Twiddles) {
        guard (window / h).magnitude < 0x1p50, lambda.isFinite, theta.isFinite else { return nil }
        let n = 1 << bits
        let half = n / 2
        precondition(twiddles.count == half, "twiddles of half the window")
        var productRe = [Double](repeating: 1, count: half + 1)
        var productIm = [Double](repeating: 0, count: half + 1)
        var re = [Double](repeating: 0, count: half + 1)
        var im = [Double](repeating: 0, count: half + 1)
        var scratchRe = [Double](repeating: 0, count: half)
        var scratchIm = [Double](repeating: 0, count: half)
        var logMoment = 0.0
        var infinite = 0.0
        var offset = 0
        var norms = 1.0
        var logBeyond = 0.0
        var highest = 0.0
        for (grid, count) in parts {
            // A scale for the weights: any that keeps them in range will do.
            var peak = -Double.infinity
            for index in stride(from: 0, to: grid.masses.count, by: max(1, grid.masses.count / 256)) where grid.masses[index] > 0 {
                peak = max(peak, lambda * h * Double(index) + log(grid.masses[index]))
            }
            var weights = grid.masses
            var total = 0.0
            var block = 0.0
            var first = 0.0
            for index in weights.indices {
                let weight = weights[index] > 0 ? weights[index] * exp(lambda * h * Double(index) - peak) : 0
                weights[index] = weight
                block += weight
                first += weight * Double(index)
                // In blocks, so that rounding does not grow with the grid.
                if index & 511 == 511 || index == weights.count - 1 {
                    total += block
                    block = 0
                }
            }
            guard total > 0, total.isFinite, first.isFinite else { return nil }
            let center = grid.low + Int((first / total).rounded())
            let last = weights.count - 1
            let lift = tributary_exponential_sum(Int64(last + 1), weights, theta * h, -theta * h * Double(last))
            logBeyond += count * (log(lift / total) + theta * h * Double(grid.low + last))
            highest += count * Double(grid.low + last)
            for index in 0..<half {
                re[index] = 0
                im[index] = 0
            }
            var squares = 0.0
            let shift = grid.low - center
            for index in weights.indices where weights[index] > 0 {
                let weight = weights[index] / total
                squares += weight * weight
                let place = (shift + index) & (n - 1)
                if place & 1 == 0 { re[place >> 1] += weight } else { im[place >> 1] += weight }
            }
            tributary_fourier(Int64(half), twiddles.cosine, twiddles.sine, &re, &im, &scratchRe, &scratchIm)
            tributary_real_unpack(Int64(half), &re, &im)
            tributary_power_product(Int64(half + 1), count, re, im, &productRe, &productIm)
            // Masses are known to a few units in the last place.
            logMoment += count * (log(total) + peak + lambda * h * Double(grid.low) + 6e-16)
            infinite += count * grid.infinite
            // Places count modulo n, so that overflow does no harm.
            offset &+= Int(count) &* center
            norms += count * squares.squareRoot()
        }
        tributary_real_pack(Int64(half), &productRe, &productIm)
        tributary_fourier(Int64(half), twiddles.cosine, twiddles.sine, &productRe, &productIm, &scratchRe, &scratchIm)
        self.lambda = lambda
        spacing = h
        bottom = Int((window / h).rounded(.down))
        var masses = [Double](repeating: 0, count: n)
        let scale = 1 / Double(half)
        for index in 0..<n {
            let place = (bottom &+ index &- offset) & (n - 1)
            masses[index] = max(0, (place & 1 == 0 ? productRe[place >> 1] : -productIm[place >> 1]) * scale)
        }
        self.masses = masses
        self.logMoment = logMoment
        let top = bottom + n - 1
        beyond = highest <= Double(top) ? 0 : exp(min(0, logBeyond - theta * h * Double(top)))
        self.infinite = infinite
        // ‖e^(−λx) − e^(−(λ + 1)x)‖₂ over the grid: the integral, and the largest square for the difference between sum and integral.
        let integral = 1 / (2 * lambda) - 2 / (2 * lambda + 1) + 1 / (2 * lambda + 2)
        rounding = (integral / h + 1).squareRoot() * norms * 8 * 0x1p-53 * Double(bits + 3)
    }

    /// What the sum over the window may lack at ε.
    private func error(_ epsilon: Double) -> Double {
        rounding + beyond * exp(-lambda * (Double(bottom + masses.count) * spacing - epsilon))
    }

    /// δ(ε) from above, without the slack of discrete noise; ε must lie in the window.
    /// - Parameter allowing: whether the transforms' worst rounding is added.
    func delta(_ epsilon: Double, allowing rounding: Bool = true) -> Double {
        var sum = 0.0
        let start = max(0, Int((epsilon / spacing).rounded(.down)) - bottom)
        for index in start..<masses.count {
            let distance = Double(bottom + index) * spacing - epsilon
            if distance > 0 { sum += masses[index] * -expm1(-distance) * exp(-lambda * distance) }
        }
        return exp(logMoment - lambda * epsilon) * (sum + error(epsilon) - (rounding ? 0 : self.rounding)) + infinite
    }

    enum Answer {
        case found(Double)
        /// The answer lies below or above the window.
        case below
        case above
    }

    /// The smallest ε ≥ 0 with δ(ε) + (1 + e^ε) slack ≤ δ.
    func epsilon(delta: Double, slack: Double) -> Answer {
        func excess(_ epsilon: Double, _ difference: Double) -> Bool {
            exp(logMoment - lambda * epsilon) * (difference + error(epsilon)) + infinite + (slack > 0 ? (1 + exp(epsilon)) * slack : 0) <= delta
        }
        let (decay, steeper) = (exp(-lambda * spacing), exp(-(lambda + 1) * spacing))
        // Sums over the masses above an index, seen from it.
        var (a, b) = (0.0, 0.0)
        var best: (index: Int, a: Double, b: Double)?
        var index = masses.count - 1
        while index >= 0 {
            if bottom + index < 0 { break }
            a *= decay
            b *= steeper
            if excess(Double(bottom + index) * spacing, a - b) {
                best = (index, a, b)
            } else if best != nil {
                break
            }
            a += masses[index]
            b += masses[index]
            index -= 1
        }
        guard let best else { return .above }
        if index < 0, bottom > 0 { return .below }
        if bottom + best.index <= 0 { return .found(0) }
        // Within the cell below the best index the masses above are the same, and that at the index itself joins them.
        let high = Double(bottom + best.index) * spacing
        let low = max(0, high - spacing)
        func holds(_ epsilon: Double) -> Bool {
            let distance = high - epsilon
            let (x, y) = (best.a + masses[best.index], best.b + masses[best.index])
            return excess(epsilon, x * exp(-lambda * distance) - y * exp(-(lambda + 1) * distance))
        }
        return .found(holds(low) ? low : Bisection.boundary(fails: low, holds: high, where: holds))
    }
}

/// cos and −sin of the multiples of 2π/n.
struct Twiddles {
    let count: Int
    let cosine: [Double]
    let sine: [Double]

    /// - Parameter count: n, a power of two ≥ 4.
    init(count: Int) {
        self.count = count
        var cosine = [Double](repeating: 0, count: count)
        var sine = [Double](repeating: 0, count: count)
        tributary_twiddles(Int64(count), &cosine, &sine)
        self.cosine = cosine
        self.sine = sine
    }
}
