#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

extension PrivacyAccountant {
    /// The smallest noise multiplier z for which `rounds` rounds cost at most ε at δ; with sampling, up to a relative 10⁻⁴ more.
    ///
    /// - Parameters:
    ///   - epsilon: > 0. delta: in (0, 1). samplingRate: q in (0, 1]. rounds: ≥ 1.
    ///   - gridShare: the share of δ kept for the discreteness of the noise, in 0 ..< 1. With the grid of
    ///     ``GridChoice/recommended(clip:dimension:enrolledUsers:nodes:noiseMultiplier:samplingRate:rounds:delta:)`` one percent suffices
    ///     and raises z by some hundredths of a percent; 0 is the answer for continuous noise.
    /// - Throws: ``PrivacyError``: `invalidParameter`, or `unreachableTarget` when no z up to 10⁶ suffices.
    public static func noiseMultiplier(
        epsilon: Double, delta: Double, samplingRate: Double = 1, rounds: Int, gridShare: Double = 0.01
    ) throws -> Double {
        try checkTarget(epsilon, delta)
        guard gridShare >= 0, gridShare < 1 else { throw PrivacyError(.invalidParameter, "the grid's share of δ must be in 0 ..< 1, not \(gridShare)") }
        let probe = MechanismEvent.continuous(noiseMultiplier: 1, samplingRate: samplingRate, count: rounds)
        try probe.validate()
        let share = delta * (1 - gridShare)
        func cost(_ z: Double) -> Double {
            guard let total = try? Composition(of: [.continuous(noiseMultiplier: z, samplingRate: samplingRate, count: rounds)]) else { return .infinity }
            return report(of: total, delta: share).epsilon
        }
        // Full participation: the closed form, nudged up until the accountant itself agrees.
        var best = GaussianComposition.noiseMultiplier(epsilon: epsilon, delta: share) * Double(rounds).squareRoot()
        for _ in 0..<64 where best.isFinite && cost(best) > epsilon { best *= 1 + 1e-14 }
        if samplingRate < 1, best.isFinite {
            best = smallest(from: best * max(samplingRate, 1e-3), target: epsilon, cost)
        }
        guard best.isFinite, best <= 1e6, cost(best) <= epsilon else {
            throw PrivacyError(
                .unreachableTarget, "no noise multiplier up to 1,000,000 gives ε = \(epsilon) at δ = \(delta) over \(rounds) rounds; allow more ε or fewer rounds")
        }
        return best
    }

    static func checkTarget(_ epsilon: Double, _ delta: Double) throws {
        guard epsilon > 0, epsilon.isFinite else { throw PrivacyError(.invalidParameter, "ε must be a positive number, not \(epsilon)") }
        guard delta > 0, delta < 1 else { throw PrivacyError(.invalidParameter, "δ must lie strictly between 0 and 1, not \(delta)") }
    }

    /// Where a falling function comes down to the target, from the side where it is not above it, to a relative 2 · 10⁻⁵: bracket, then
    /// false position in logarithms (Illinois).
    static func smallest(from start: Double, target: Double, _ function: (Double) -> Double) -> Double {
        func height(_ x: Double) -> Double {
            let value = function(exp(x))
            return value <= 0 ? -50 : min(log(value / target), 50)
        }
        var (low, high) = (log(start), log(start))
        var (above, below) = (height(low), 0.0)
        if above > 0 {
            below = above
            var stride = 0.1
            repeat {
                (low, above) = (high, below)
                high += stride
                stride *= 2
                if high > log(4e6) { return .infinity }
                below = height(high)
            } while below > 0
        } else {
            below = above
            var stride = 0.1
            repeat {
                (high, below) = (low, above)
                low -= stride
                stride *= 2
                if low < log(1e-3) { return exp(high) }
                above = height(low)
            } while above <= 0
        }
        var kept = 0
        for _ in 0..<40 where high - low > 2e-5 {
            var middle = low + (high - low) * above / (above - below)
            // Aim a little to the safe side, so that the bracket closes from both.
            middle = min(max(middle + 3e-6, low + 0.02 * (high - low)), high - 0.02 * (high - low))
            let value = height(middle)
            if value <= 0 {
                (high, below) = (middle, value)
                if kept < 0 { above /= 2 }
                kept = -1
                if -value < 1e-6 { break }
            } else {
                (low, above) = (middle, value)
                if kept > 0 { below /= 2 }
                kept = 1
            }
        }
        return exp(high)
    }

    /// The largest sampling rate q for which `rounds` rounds with noise multiplier z cost at most ε at δ; 1 when no sampling is needed.
    /// - Parameters: noiseMultiplier: > 0. epsilon: > 0. delta: in (0, 1). rounds: ≥ 1.
    /// - Throws: ``PrivacyError``: `invalidParameter`, or `unreachableTarget` when even q = 10⁻⁹ costs more.
    public static func samplingRate(noiseMultiplier: Double, epsilon: Double, delta: Double, rounds: Int) throws -> Double {
        try checkTarget(epsilon, delta)
        func cost(_ q: Double) throws -> Double {
            try self.epsilon(of: [.continuous(noiseMultiplier: noiseMultiplier, samplingRate: q, count: rounds)], delta: delta).epsilon
        }
        if try cost(1) <= epsilon { return 1 }
        var (low, high) = (log(1e-9), 0.0)
        guard try cost(exp(low)) <= epsilon else {
            throw PrivacyError(.unreachableTarget, "no sampling rate from 10⁻⁹ gives ε = \(epsilon) at δ = \(delta) over \(rounds) rounds; add noise or allow more ε")
        }
        while high - low > 2e-5 {
            let middle = (low + high) / 2
            if try cost(exp(middle)) <= epsilon { low = middle } else { high = middle }
        }
        return exp(low)
    }

    /// The most rounds that cost at most ε at δ with the given event per round, above 100,000 to a relative 10⁻⁵; 0 when not even one fits.
    /// - Throws: ``PrivacyError`` (`invalidParameter`).
    public static func rounds(of event: MechanismEvent, epsilon: Double, delta: Double) throws -> Int {
        func fits(_ count: Int) throws -> Bool {
            var events = event
            events.count = count
            return try self.epsilon(of: [events], delta: delta).epsilon <= epsilon
        }
        var (low, high) = (0, 1)
        if event.samplingRate < 1, event.gridStandardDeviation.isInfinite {
            // Rényi accounting is quick and never says less, so that what fits by it fits.
            let curve = { RenyiCurve([.init(.gaussian(sigma: event.noiseMultiplier, samplingRate: event.samplingRate), count: $0)]).epsilon(delta: delta) }
            try event.validate()
            while high <= 1 << 40, curve(high) <= epsilon { (low, high) = (high, high * 2) }
            while high - low > max(1, low / 100) {
                let middle = low + (high - low) / 2
                if curve(middle) <= epsilon { low = middle } else { high = middle }
            }
            high = low + low / 10 + 1
            if low > 0, try !fits(low) { low = 0 }
        }
        while try high <= 1 << 40 && fits(high) { (low, high) = (high, high + max(high / 4, 1)) }
        while high - low > max(1, event.samplingRate < 1 ? low / 100_000 : 1) {
            let middle = low + (high - low) / 2
            if try fits(middle) { low = middle } else { high = middle }
        }
        return low
    }
}
