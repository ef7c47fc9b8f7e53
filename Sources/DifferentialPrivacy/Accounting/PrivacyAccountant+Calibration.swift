extension PrivacyAccountant {
    /// The smallest noise multiplier z for which `rounds` rounds cost at most ε at δ.
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
        guard epsilon.isFinite, epsilon > 0 else { throw PrivacyError(.invalidParameter, "ε must be a positive number, not \(epsilon)") }
        guard delta > 0, delta < 1 else { throw PrivacyError(.invalidParameter, "δ must lie strictly between 0 and 1, not \(delta)") }
        guard gridShare >= 0, gridShare < 1 else { throw PrivacyError(.invalidParameter, "the grid's share of δ must be in 0 ..< 1, not \(gridShare)") }
        let probe = MechanismEvent.continuous(noiseMultiplier: 1, samplingRate: samplingRate, count: rounds)
        try probe.validate()
        let share = delta * (1 - gridShare)
        let unsampled = GaussianComposition.noiseMultiplier(epsilon: epsilon, delta: share) * Double(rounds).squareRoot()
        func suffices(_ z: Double) -> Bool {
            guard let total = try? Composition(of: [.continuous(noiseMultiplier: z, samplingRate: samplingRate, count: rounds)]) else { return false }
            return report(of: total, delta: share).epsilon <= epsilon
        }
        // Full participation: the closed form, nudged up until the accountant itself agrees.
        var best = unsampled
        for _ in 0..<64 where best.isFinite && !suffices(best) { best *= 1 + 1e-14 }
        if samplingRate < 1, best.isFinite {
            best = smallest(below: best, where: suffices)
        }
        guard best.isFinite, best <= 1e6, suffices(best) else {
            throw PrivacyError(
                .unreachableTarget, "no noise multiplier up to 1,000,000 gives ε = \(epsilon) at δ = \(delta) over \(rounds) rounds; allow more ε or fewer rounds")
        }
        return best
    }

    /// A bisection in logarithms to a relative 10⁻⁷, answered from above.
    private static func smallest(below start: Double, where suffices: (Double) -> Bool) -> Double {
        var high = start
        var low = start
        repeat {
            low /= 2
            if low < 1e-3 { break }
            if suffices(low) { high = low } else { break }
        } while true
        while high / low > 1 + 1e-7 {
            let middle = (low * high).squareRoot()
            if suffices(middle) { high = middle } else { low = middle }
        }
        return high
    }

    /// The most rounds that cost at most ε at δ with the given event per round; 0 when not even one fits.
    /// - Throws: ``PrivacyError`` (`invalidParameter`).
    public static func rounds(of event: MechanismEvent, epsilon: Double, delta: Double) throws -> Int {
        func fits(_ count: Int) throws -> Bool {
            var events = event
            events.count = count
            return try self.epsilon(of: [events], delta: delta).epsilon <= epsilon
        }
        var (low, high) = (0, 1)
        while try high <= 1 << 40 && fits(high) { (low, high) = (high, high * 2) }
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if try fits(middle) { low = middle } else { high = middle }
        }
        return low
    }
}
