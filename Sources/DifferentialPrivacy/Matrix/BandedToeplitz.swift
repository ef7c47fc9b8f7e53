/// The strategy matrix C of a matrix mechanism over T rounds: lower triangular, Toeplitz, with `bands` coefficients that are 2⁻¹⁰ times whole numbers.
///
/// A round's releases x_1, x_2, … are protected as one release of C x + z: the noise on x itself is C⁻¹z, which cancels in running sums. The coefficients are those of
/// the square root of the prefix-sum matrix, c_0 = 1, c_k = c_{k−1}(2k − 1)/(2k), the best for the largest error (Fichtenberger, Henzinger and Upadhyay 2023), cut to
/// whole multiples of 2⁻¹⁰: any coefficients are private at their own sensitivity, and whole ones keep every sum whole.
public struct BandedToeplitz: Sendable, Hashable {
    /// Coefficients in units of 2⁻¹⁰: the first is `unit`, none is negative, none exceeds the one before.
    public let coefficients: [Int]

    public static let fractionBits = 10
    /// 2¹⁰: the coefficient 1.
    public static let unit = 1 << fractionBits

    /// - Parameter bands: p, 1 ... 4096; 1 is independent noise.
    public init(bands: Int) {
        precondition((1...4096).contains(bands), "a matrix has 1 ... 4096 bands")
        var coefficients = [Self.unit]
        var exact = 1.0
        for k in 1..<max(bands, 1) {
            exact = exact * Double(2 * k - 1) / Double(2 * k)
            coefficients.append(Int((exact * Double(Self.unit)).rounded()))
        }
        self.coefficients = coefficients
    }

    /// The squared L2 sensitivity of C x in units of 2⁻²⁰, for a user who takes part in at most `participations` of the rounds, at least `separation` rounds apart,
    /// and moves x by at most 1 in L2 norm each time.
    ///
    /// With coefficients that are not negative and do not grow, the worst user takes part as early and as often as possible, with the same contribution
    /// (Kalinin and Lampert 2024, *Banded square root matrix factorization*, theorem 2): |Σ_j shift_{jb}(c)|², over the rounds there are.
    /// - Parameters: rounds T ≥ 1, separation b ≥ 1, participations k ≥ 1.
    public func squaredSensitivity(rounds: Int, separation: Int, participations: Int) -> UInt128 {
        precondition(rounds >= 1 && separation >= 1 && participations >= 1, "rounds, separation and participations are at least 1")
        var column = [UInt128](repeating: 0, count: rounds)
        for turn in 0..<participations {
            let start = turn * separation
            if start >= rounds { break }
            for (offset, coefficient) in coefficients.prefix(rounds - start).enumerated() { column[start + offset] += UInt128(coefficient) }
        }
        return column.reduce(0) { $0 + $1 * $1 }
    }

    /// How often somebody can take part who waits `separation` rounds from one time to the next.
    public static func participations(rounds: Int, separation: Int) -> Int { (rounds + separation - 1) / separation }
}

/// A whole run of a matrix mechanism: one Gaussian mechanism.
///
/// Unit: user, under add/remove of one user, who takes part at most `participations` times and at least `separation` rounds apart, each time with integers of L2 norm
/// at most D. Whatever the rounds' contributions depend on (earlier releases included) the run costs what one release of C x + z costs (Denisov et al. 2022,
/// *Improved differential privacy for SGD via optimal private linear operators on adaptive streams*, theorem 2.1).
public struct MatrixMechanism: Sendable, Hashable {
    public let matrix: BandedToeplitz
    /// D in grid units.
    public let bound: Int
    public let rounds: Int
    public let separation: Int
    public let participations: Int
    /// Standard deviation of z in units of 2⁻¹⁰ grid units.
    public let standardDeviation: Int

    /// - Parameters:
    ///   - noiseMultiplier: of the whole run: standard deviation of z over the sensitivity of C x; > 0. It is rounded up to whole units.
    /// - Throws: ``PrivacyError`` (`invalidParameter`) when a parameter or the noise is out of range.
    public init(matrix: BandedToeplitz, bound: Int, rounds: Int, separation: Int, noiseMultiplier: Double) throws {
        guard bound >= 1, rounds >= 1, separation >= 1, noiseMultiplier.isFinite, noiseMultiplier > 0 else {
            throw PrivacyError(.invalidParameter, "a matrix mechanism needs a bound, rounds and a separation of at least 1, and a positive noise multiplier")
        }
        self.matrix = matrix
        self.bound = bound
        self.rounds = rounds
        self.separation = separation
        participations = BandedToeplitz.participations(rounds: rounds, separation: separation)
        let product = (noiseMultiplier * Self.sensitivity(matrix, bound, rounds, separation, participations)).rounded(.up)
        guard product <= Double(DiscreteGaussian.maximumStandardDeviation) else {
            throw PrivacyError(.invalidParameter, "the correlated noise has a standard deviation of \(product) units of 2^-10, more than 2^40: choose a coarser grid")
        }
        standardDeviation = Int(product)
    }

    /// L2 sensitivity of C x in units of 2⁻¹⁰ grid units, rounded up.
    private static func sensitivity(_ matrix: BandedToeplitz, _ bound: Int, _ rounds: Int, _ separation: Int, _ participations: Int) -> Double {
        let squared = matrix.squaredSensitivity(rounds: rounds, separation: separation, participations: participations)
        return Double(squared).nextUp.squareRoot().nextUp * Double(bound) * (1 + 1e-15)
    }

    /// What the whole run costs, however many of its rounds happen: charged once, before the first.
    /// - Parameter dimension: coordinates of a round; ≥ 1.
    public func event(dimension: Int) -> MechanismEvent {
        let sensitivity = Self.sensitivity(matrix, bound, rounds, separation, participations)
        return MechanismEvent(
            noiseMultiplier: (Double(standardDeviation) / sensitivity).nextDown, gridStandardDeviation: Double(standardDeviation),
            dimension: dimension * rounds)
    }
}
