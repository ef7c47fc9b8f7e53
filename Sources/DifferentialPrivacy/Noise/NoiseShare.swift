/// One node's part of a noise that several nodes add together.
///
/// With unmasking threshold t and tolerated collusion c, at least t − c honest nodes are in every sum that can be read; each adds discrete Gaussian noise of
/// variance σ²/(t − c), so that the sum holds at least σ² that nobody who looks knows. Shares of σ ≥ 8 grid units add up to what cannot be told from one
/// discrete Gaussian of the summed variance (Kairouz, Liu and Steinke 2021, theorem 1: τ < 10⁻²⁷⁰).
public enum NoiseShare {
    /// The smallest integer s with k s² ≥ σ².
    /// - Parameters: σ in 1 ... 2⁴⁰ grid units; k = t − c ≥ 1.
    public static func standardDeviation(total sigma: Int, guaranteed k: Int) -> Int {
        precondition(sigma >= 1 && sigma <= DiscreteGaussian.maximumStandardDeviation && k >= 1, "σ in 1 ... 2^40 and at least one node")
        let target = UInt128(sigma) * UInt128(sigma)
        var share = Int((Double(sigma) / Double(k).squareRoot()).rounded(.down))
        func suffices(_ s: Int) -> Bool { UInt128(k) * UInt128(s) * UInt128(s) >= target }
        while share > 1, suffices(share - 1) { share -= 1 }
        while share < 1 || !suffices(share) { share += 1 }
        return share
    }
}
