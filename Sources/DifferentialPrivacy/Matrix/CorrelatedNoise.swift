/// The noise of a matrix mechanism, round after round: integers e_1, e_2, … that are added to the rounds' integer sums.
///
/// **What is released.** With whole coefficients ĉ_k = 2¹⁰ c_k, the mechanism is y_t = Σ_k ĉ_k x_{t−k} + z_t with z_t discrete Gaussian: integers throughout, whose privacy is
/// that of the discrete Gaussian at the sensitivity of C x. From y alone, without further look at the data, x̂_t = ⌊(y_t − Σ_{k ≥ 1} ĉ_k x̂_{t−k}) / 2¹⁰⌉ is computed:
/// post-processing. Put x̂_t = x_t + e_t: then 2¹⁰ x̂_t is rounded from 2¹⁰ x_t + z_t − Σ_{k ≥ 1} ĉ_k e_{t−k}, and as x_t is whole,
///
///     e_t = ⌊(z_t − Σ_{k ≥ 1} ĉ_k e_{t−k}) / 2¹⁰⌉.
///
/// So adding e_t to x_t releases exactly that post-processing, and e_t can be drawn before any data are read. No floating-point number takes part. Rounding is to
/// the nearest integer, halves upward; it is one function of the whole quotient, so that a whole summand passes through it.
///
/// A round that is drawn and never released is a round of x_t = 0 whose y_t nobody sees. A round's z must not be used for two different x: whoever
/// computes a round anew advances to the next round.
public struct CorrelatedNoise: Sendable {
    public let mechanism: MatrixMechanism
    /// Coordinates of a round.
    public let dimension: Int
    /// Rounds drawn so far.
    public private(set) var round = 0
    private let gaussian: DiscreteGaussian
    /// The last e, newest first; one fewer than bands.
    private var history: [[Int64]] = []

    /// - Throws: ``PrivacyError`` (`invalidParameter`) when the noise is out of the sampler's range.
    public init(_ mechanism: MatrixMechanism, dimension: Int) throws {
        precondition(dimension >= 1, "noise has at least one coordinate")
        self.mechanism = mechanism
        self.dimension = dimension
        gaussian = try DiscreteGaussian(standardDeviation: mechanism.standardDeviation)
    }

    /// The noise after so many rounds, drawn again from the streams of all of them: time grows with rounds × bands × d, and nothing but the streams' secret is kept.
    /// - Parameter stream: the stream of each round, 1 ... `rounds`, as it was the first time.
    /// - Throws: what the streams throw.
    public init(_ mechanism: MatrixMechanism, dimension: Int, after rounds: Int, stream: (Int) throws -> any NoiseStream) throws {
        try self.init(mechanism, dimension: dimension)
        for round in 0..<rounds {
            var stream = try stream(round + 1)
            _ = try next(from: &stream)
        }
    }

    /// e of the next round, shape `[dimension]`.
    /// - Throws: ``PrivacyError`` (`budgetExhausted`) after the mechanism's last round; what the stream throws, and the round is then not drawn.
    public mutating func next(from stream: inout any NoiseStream) throws -> [Int64] {
        guard round < mechanism.rounds else {
            throw PrivacyError(.budgetExhausted, "the correlated noise was made for \(mechanism.rounds) rounds and all are drawn; a further round needs a new plan")
        }
        var noise = try gaussian.draw(dimension, from: &stream)
        // |z| < 2⁴⁷ but with probability below 10⁻⁷⁰⁰⁰; |e| ≤ about |z| 2⁻¹⁰ times the sum of the inverse's coefficients: far from 2⁶³.
        for (earlier, coefficient) in zip(history, mechanism.matrix.coefficients.dropFirst()) {
            let coefficient = Int64(coefficient)
            for index in noise.indices { noise[index] &-= coefficient &* earlier[index] }
        }
        let half = Int64(BandedToeplitz.unit / 2)
        for index in noise.indices { noise[index] = (noise[index] &+ half) >> Int64(BandedToeplitz.fractionBits) }
        history.insert(noise, at: 0)
        if history.count >= mechanism.matrix.coefficients.count { history.removeLast() }
        round += 1
        return noise
    }
}
