/// The cost of the noisy count that steers an adaptive clip (Andrew et al. 2021, theorem 1).
package enum AdaptiveClippingSplit {
    /// The noise multiplier left for the updates so that they and the count together cost as much as z alone: (z⁻² − (2σ_b)⁻²)^(−1/2). A user's count
    /// is ±1/2, so that its noise multiplier is 2σ_b.
    ///
    /// - Parameters: noiseMultiplier: z > 0. countDeviation: σ_b, standard deviation of the noise of the count of clipped users, > z/2.
    /// - Throws: ``PrivacyError`` (`invalidParameter`).
    package static func updateNoiseMultiplier(noiseMultiplier z: Double, countDeviation: Double) throws -> Double {
        guard z > 0, z.isFinite, countDeviation > 0, !countDeviation.isNaN else {
            throw PrivacyError(.invalidParameter, "noise multiplier and deviation of the count must be positive, not \(z) and \(countDeviation)")
        }
        guard countDeviation > z / 2 else {
            throw PrivacyError(.invalidParameter, "a count with noise \(countDeviation) alone costs more than the whole multiplier \(z); its noise must exceed \(z / 2)")
        }
        let share = z / (2 * countDeviation)
        return z / ((1 - share) * (1 + share)).squareRoot()
    }
}
