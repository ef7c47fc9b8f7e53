public import SeededRandom

/// Turns one user's delta into integers on the grid and adds them to a sum.
///
/// With `.clip`, the integers added for any user have an L2 norm of at most D grid units, whatever the delta holds: the norm
/// is checked in exact integer arithmetic after rounding. That is the sensitivity of the sum under add/remove of one user.
/// The rounding itself is reproducible and need not be secret: it is part of the function of the user's data, not of the noise.
public struct UserQuantizer: Sendable {
    public enum Bound: Sendable, Hashable {
        /// Every private mode: the contribution is scaled down to L2 norm ≤ C.
        case clip(Double)
        /// Privacy `off`: every |value| ≤ R, else an error; nothing is clipped.
        case range(Double)
    }
    public let bound: Bound
    /// s: grid steps per unit; a positive power of two.
    public let scale: Double
    /// d: coordinates of a delta; ≥ 1.
    public let dimension: Int
    /// Factor on a delta before the scale: above 1 when the round's clip is smaller than the plan's, so that C and D stay the plan's. 1 with `.range`.
    public let stretch: Double
    /// Parts with clips of their own; none: one clip for all coordinates.
    public let groups: [ClipGroup]
    /// D and its arithmetic; `nil` with `.range`.
    public let clipping: ClippingBound?
    /// D′ with `.clip`: norm that deltas are scaled down to before rounding, in grid units.
    let innerNorm: Double

    /// Tries of stochastic rounding before truncation. One try fails with probability at most e^(−½), so that all fail with
    /// probability below 1.2 · 10⁻⁷.
    static let maximumTries = 32

    /// - Throws: ``PrivacyError`` (`invalidParameter`) when the bound, scale or dimension is out of range, or the grid is so
    ///   coarse for the dimension that no contribution would survive rounding.
    public init(bound: Bound, scale: Double, dimension: Int, stretch: Double = 1, groups: [ClipGroup] = []) throws {
        guard stretch.isFinite, stretch > 0 else { throw PrivacyError(.invalidParameter, "the factor on deltas must be a positive number, not \(stretch)") }
        guard dimension >= 1 else { throw PrivacyError(.invalidParameter, "the dimension must be at least 1, not \(dimension)") }
        switch bound {
        case .clip(let clip):
            let clipping = try ClippingBound(clip: clip, scale: scale)
            guard let inner = clipping.normBeforeRounding(dimension: dimension) else {
                throw PrivacyError(
                    .invalidParameter,
                    "the grid is too coarse: rounding \(dimension) coordinates alone exceeds the bound of \(clipping.onGrid) grid units; raise the grid scale")
            }
            self.clipping = clipping
            innerNorm = inner
        case .range(let range):
            guard range.isFinite, range > 0 else {
                throw PrivacyError(.invalidParameter, "the range must be a positive number, not \(range)")
            }
            guard scale.isNormal, scale > 0, scale.significand == 1 else {
                throw PrivacyError(.invalidParameter, "the grid scale must be a positive power of two, not \(scale)")
            }
            guard range * scale <= 0x1p52 else {
                throw PrivacyError(.invalidParameter, "range × scale is \(range * scale), more than 2^52 grid units: lower the grid scale or the range")
            }
            guard stretch == 1, groups.isEmpty else { throw PrivacyError(.invalidParameter, "without a clip deltas are neither stretched nor clipped in parts") }
            clipping = nil
            innerNorm = 0
        }
        try ClipGroup.validate(groups, dimension: dimension)
        self.bound = bound
        self.stretch = stretch
        self.groups = groups
        self.scale = scale
        self.dimension = dimension
    }

    /// Adds one user's delta, shape `[d]`, to the sum, shape `[d]` or longer (further coordinates are left alone).
    ///
    /// - Parameters:
    ///   - weight: factor on the delta, applied in `Double`; finite. What is bounded is the product.
    ///   - touched: where the delta may differ from zero, ascending and without overlap; `nil` is everywhere. It only saves time:
    ///     the integers do not depend on it.
    ///   - stream: gives one word per try; the rounding of coordinate i is a function of that word and i.
    /// - Throws: ``PrivacyError`` (`outOfRange`) with `.range`, when a value is not finite or outside; the sum is then unchanged.
    @discardableResult
    public func add(
        _ delta: [Float], weight: Double = 1, touched: [Range<Int>]? = nil, to sum: inout [Int64], stream: inout RandomStream
    ) throws -> QuantizationOutcome {
        precondition(delta.count == dimension, "a delta has \(delta.count) coordinates where the quantizer was made for \(dimension)")
        precondition(sum.count >= dimension, "the sum is shorter than the delta")
        let ranges = touched ?? [0..<dimension]
        precondition(ranges.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= dimension }, "a touched range lies outside the delta")
        precondition(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound }, "touched ranges must ascend without overlap")
        precondition(weight.isFinite, "a weight is a finite number")
        switch bound {
        case .clip:
            return addClipped(delta, weight, ranges, to: &sum, stream: &stream)
        case .range(let range):
            return try addBounded(delta, weight, ranges, range, to: &sum, stream: &stream)
        }
    }

    private func addClipped(
        _ delta: [Float], _ weight: Double, _ ranges: [Range<Int>], to sum: inout [Int64], stream: inout RandomStream
    ) -> QuantizationOutcome {
        var outcome = QuantizationOutcome()
        guard let clipping else { return outcome }
        if !groups.isEmpty { return addGrouped(delta, weight, ranges, clipping, to: &sum, stream: &stream) }
        let norm = StochasticRounding.norm(delta, ranges) * weight.magnitude
        guard norm.isFinite else {
            outcome.wasNonFinite = true
            return outcome
        }
        guard norm > 0 else { return outcome }
        outcome.wasClipped = norm * (scale * stretch) > innerNorm
        let factor = (outcome.wasClipped ? innerNorm / norm : scale * stretch) * weight
        let limit = UInt128(clipping.onGrid) * UInt128(clipping.onGrid)
        for attempt in 0..<Self.maximumTries {
            let rounding = StochasticRounding(factor: factor, key: stream.next())
            // No coordinate is longer than the vector; rounding adds less than one.
            if rounding.add(delta, ranges, to: &sum, largest: clipping.onGrid + 2) <= limit {
                outcome.retries = attempt
                return outcome
            }
            rounding.subtract(delta, ranges, from: &sum)
        }
        outcome.retries = Self.maximumTries
        outcome.wasTruncated = true
        let truncation = Truncation(factor: factor)
        if truncation.squaredNorm(delta, ranges) <= limit { truncation.add(delta, ranges, to: &sum) }
        return outcome
    }

    private func addBounded(
        _ delta: [Float], _ weight: Double, _ ranges: [Range<Int>], _ range: Double, to sum: inout [Int64], stream: inout RandomStream
    ) throws -> QuantizationOutcome {
        for indices in ranges {
            for index in indices where !((Double(delta[index]) * weight).magnitude <= range) {
                throw PrivacyError(
                    .outOfRange,
                    "coordinate \(index) of an update is \(Double(delta[index]) * weight), outside the plan's range of ±\(range); lower the local learning rate or widen the range")
            }
        }
        StochasticRounding(factor: scale * weight, key: stream.next()).add(delta, ranges, to: &sum)
        return QuantizationOutcome()
    }
}

/// What became of one user's delta. Never leaves the node.
public struct QuantizationOutcome: Sendable, Hashable {
    /// The delta was longer than the bound and scaled down.
    public var wasClipped = false
    /// No try of stochastic rounding met the bound; the contribution was truncated toward zero.
    public var wasTruncated = false
    /// The delta held an infinity or a NaN; zeros were added.
    public var wasNonFinite = false
    /// Tries of rounding that broke the bound before one met it.
    public var retries = 0
    public init() {}
}
