/// The L2 bound of one user's contribution, as a real number and on the integer grid.
///
/// Unit of privacy: a user. Neighbouring relation: add or remove one user. Sensitivity of the sum over users: at most
/// `onGrid` in L2 norm, in grid units, because every user's integers are checked against it in integer arithmetic.
public struct ClippingBound: Sendable, Hashable {
    /// C: the real L2 bound; > 0.
    public let clip: Double
    /// s: grid steps per unit; a positive power of two.
    public let scale: Double
    /// D = ⌊C·s⌋; in 1 ... ``maximumOnGrid``.
    public let onGrid: Int

    /// Squares of values up to this, and of a whole vector of them, are exact in the integer norm check.
    public static let maximumOnGrid = 1 << 28

    /// - Throws: ``PrivacyError`` (`invalidParameter`) when C is not positive and finite, s is not a positive power of two, or
    ///   D is outside its range.
    public init(clip: Double, scale: Double) throws {
        guard clip.isFinite, clip > 0 else {
            throw PrivacyError(.invalidParameter, "the clip must be a positive number, not \(clip)")
        }
        guard scale.isNormal, scale > 0, scale.significand == 1 else {
            throw PrivacyError(.invalidParameter, "the grid scale must be a positive power of two, not \(scale)")
        }
        let product = (clip * scale).rounded(.down)
        guard product >= 1, product <= Double(Self.maximumOnGrid) else {
            throw PrivacyError(
                .invalidParameter,
                "clip × scale is \(clip * scale) grid units; it must be in 1 ... \(Self.maximumOnGrid): choose another grid scale")
        }
        self.clip = clip
        self.scale = scale
        onGrid = Int(product)
    }

    /// D′: the largest norm on the grid, before rounding, for which the norm after stochastic rounding of `dimension`
    /// coordinates is at most D with probability at least 1 − e^(−½) per try; `nil` when the grid is too coarse for any.
    ///
    /// Kairouz, Liu and Steinke 2021 (*The Distributed Discrete Gaussian Mechanism*, lemma 4.3 with β = e^(−½)): the rounded norm is at most
    /// min{ x + √d, √(x² + d/4 + x + √d/2) }. Both branches are solved for x; the larger solution is taken.
    public func normBeforeRounding(dimension: Int) -> Double? {
        let d = Double(dimension)
        let bound = Double(onGrid)
        let direct = bound - d.squareRoot()
        let discriminant = 1 - 4 * (d / 4 + d.squareRoot() / 2 - bound * bound)
        let probabilistic = discriminant > 0 ? (discriminant.squareRoot() - 1) / 2 : -1
        let best = max(direct, probabilistic)
        return best > 0 ? best : nil
    }

    /// σ on the grid: the smallest integer that is at least z·D, so that rounding never lowers the noise multiplier z.
    /// - Throws: ``PrivacyError`` (`invalidParameter`) when z is not positive or the product exceeds 2^40.
    public func standardDeviation(noiseMultiplier: Double) throws -> Int {
        guard noiseMultiplier.isFinite, noiseMultiplier > 0 else {
            throw PrivacyError(.invalidParameter, "the noise multiplier must be a positive number, not \(noiseMultiplier)")
        }
        let product = (noiseMultiplier * Double(onGrid)).rounded(.up)
        guard product <= 0x1p40 else {
            throw PrivacyError(.invalidParameter, "the noise has a standard deviation of \(product) grid units, more than 2^40: choose a coarser grid")
        }
        return Int(product)
    }
}
