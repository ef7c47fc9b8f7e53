#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The integers of a private plan: fine enough that their discreteness costs next to nothing, few enough bits that nothing overflows.
public struct GridChoice: Sendable, Hashable {
    /// C, s and D.
    public let bound: ClippingBound
    /// σ = ⌈z·D⌉ in grid units.
    public let standardDeviation: Int
    /// b: 32, 40 or 64.
    public let modulusBits: Int

    /// s: grid steps per unit, a power of two.
    public var scale: Double { bound.scale }

    /// Relative loss of the clip to rounding, 1 − D′/D, that a choice may have.
    public static let maximumShrink = 1e-3
    /// The share of δ that the discreteness of the noise may take.
    public static let maximumSlackShare = 0.01
    /// Noise beyond so many standard deviations has probability below 10⁻⁵⁵ per coordinate.
    static let noiseTail = 16.0

    /// The coarsest grid whose discreteness slack is at most 1 % of δ and whose rounding takes at most 0.1 % of the clip, with the smallest
    /// modulus that excludes overflow: N·D + 16·σ·n < 2^(b−1).
    ///
    /// - Parameters:
    ///   - clip: C > 0. dimension: d ≥ 1. enrolledUsers: N ≥ 0, all nodes together. nodes: n ≥ 1 that add noise.
    ///   - noiseMultiplier: z > 0. rounds: attempts, ≥ 1. delta: in (0, 1).
    /// - Throws: ``PrivacyError``: `invalidParameter`, or `unreachableTarget` when D would exceed ``ClippingBound/maximumOnGrid``: the
    ///   zero-concentrated bound is then the one to use, with a grid chosen by hand.
    public static func recommended(
        clip: Double, dimension: Int, enrolledUsers: Int, nodes: Int, noiseMultiplier: Double, samplingRate: Double = 1, rounds: Int, delta: Double
    ) throws -> GridChoice {
        guard dimension >= 1, enrolledUsers >= 0, nodes >= 1 else {
            throw PrivacyError(.invalidParameter, "a grid needs at least one coordinate and one node, and no negative number of users")
        }
        guard clip.isFinite, clip > 0 else { throw PrivacyError(.invalidParameter, "the clip must be a positive number, not \(clip)") }
        let target = try PrivacyAccountant.cost(
            noiseMultiplier: noiseMultiplier, samplingRate: samplingRate, rounds: rounds, dimension: dimension, gridStandardDeviation: .infinity,
            delta: delta * (1 - maximumSlackShare)
        ).epsilon
        // D in 2^10 ..< 2^11 at least: below, σ is hardly a smooth number.
        var scale = exp2((log2(1024 / clip)).rounded(.up))
        while true {
            guard let bound = try? ClippingBound(clip: clip, scale: scale) else { break }
            let deviation = try bound.standardDeviation(noiseMultiplier: noiseMultiplier)
            let event = MechanismEvent.onGrid(bound, standardDeviation: deviation, dimension: dimension, samplingRate: samplingRate, count: rounds)
            let slack = try (1 + exp(target)) * Composition(of: [event]).distanceFromContinuous
            let shrink = bound.normBeforeRounding(dimension: dimension).map { 1 - $0 / Double(bound.onGrid) } ?? 1
            if slack <= maximumSlackShare * delta, shrink <= maximumShrink, deviation >= 2 {
                return GridChoice(
                    bound: bound, standardDeviation: deviation,
                    modulusBits: try modulusBits(bound: bound, standardDeviation: deviation, enrolledUsers: enrolledUsers, nodes: nodes))
            }
            scale *= 2
        }
        throw PrivacyError(
            .unreachableTarget,
            "no grid with clip × scale up to \(ClippingBound.maximumOnGrid) keeps the discreteness slack below \(maximumSlackShare) δ; ask for a smaller ε or a larger δ, or set the grid scale by hand")
    }

    /// The smallest b of 32, 40 and 64 with N·D + 16·σ·n < 2^(b−1).
    ///
    /// The part of the users is certain; noise beyond 16σ would wrap around, which damages the model and not privacy: reduction
    /// modulo 2^b is post-processing.
    /// - Throws: ``PrivacyError`` (`invalidParameter`) when even 64 bits overflow.
    public static func modulusBits(bound: ClippingBound, standardDeviation: Int, enrolledUsers: Int, nodes: Int) throws -> Int {
        let users = Double(enrolledUsers) * Double(bound.onGrid)
        let largest = users + noiseTail * Double(standardDeviation) * Double(nodes)
        guard let bits = [32, 40, 64].first(where: { largest < exp2(Double($0 - 1)) }) else {
            throw PrivacyError(.invalidParameter, "\(enrolledUsers) users of \(bound.onGrid) grid units each overflow 64 bits; choose a coarser grid")
        }
        return bits
    }
}
