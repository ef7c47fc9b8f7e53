/// Coordinates with a clip of their own: a tensor of the model, or all that have none.
///
/// With clips C_g and Σ C_g² ≤ C² a vector whose parts are within their clips is within C: nothing changes for sensitivity or noise. It keeps one tensor with
/// large updates from shrinking all others when the whole is clipped (McMahan et al. 2018, *Learning differentially private recurrent language models*, "per-layer clipping").
public struct ClipGroup: Sendable, Hashable {
    /// Ascending, without overlap among all groups; together all coordinates.
    public var ranges: [Range<Int>]
    /// C_g/C; in (0, 1].
    public var share: Double

    public init(ranges: [Range<Int>], share: Double) {
        self.ranges = ranges
        self.share = share
    }

    /// - Throws: ``PrivacyError`` (`invalidParameter`) unless the groups divide 0 ..< dimension among them and Σ share² ≤ 1, up to rounding.
    static func validate(_ groups: [ClipGroup], dimension: Int) throws {
        guard !groups.isEmpty else { return }
        let squares = groups.reduce(0) { $0 + $1.share * $1.share }
        guard groups.allSatisfy({ $0.share > 0 && $0.share <= 1 }), squares <= 1 + 1e-9 else {
            throw PrivacyError(.invalidParameter, "clips of parts must be positive, and their squares must not add up to more than the clip's: they come to \(squares.squareRoot()) of it")
        }
        let ranges = groups.flatMap(\.ranges).sorted { $0.lowerBound < $1.lowerBound }
        var end = 0
        for range in ranges {
            guard range.lowerBound == end else { break }
            end = range.upperBound
        }
        guard end == dimension, ranges.reduce(0, { $0 + $1.count }) == dimension else {
            throw PrivacyError(.invalidParameter, "parts with clips of their own must divide all \(dimension) coordinates among them")
        }
    }

    /// The parts of `touched` that lie in the group.
    func intersection(_ touched: [Range<Int>]) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var index = 0
        for range in touched {
            while index > 0, ranges[index - 1].upperBound > range.lowerBound { index -= 1 }
            while index < ranges.count, ranges[index].lowerBound < range.upperBound {
                let common = ranges[index].clamped(to: range)
                if !common.isEmpty { result.append(common) }
                if ranges[index].upperBound >= range.upperBound { break }
                index += 1
            }
        }
        return result
    }
}

extension UserQuantizer {
    /// Clips each group to its share, rounds all with one key, and verifies the integer norm of the whole.
    func addGrouped(
        _ delta: [Float], _ weight: Double, _ touched: [Range<Int>], _ clipping: ClippingBound, to sum: inout [Int64], stream: inout some RandomNumberGenerator
    ) -> QuantizationOutcome {
        var outcome = QuantizationOutcome()
        var parts: [(ranges: [Range<Int>], factor: Double)] = []
        for group in groups {
            let ranges = group.intersection(touched)
            let norm = StochasticRounding.norm(delta, ranges) * weight.magnitude
            guard norm.isFinite else {
                outcome.wasNonFinite = true
                return outcome
            }
            if norm == 0 { continue }
            let isClipped = norm * (scale * stretch) > innerNorm * group.share
            if isClipped { outcome.wasClipped = true }
            parts.append((ranges, (isClipped ? innerNorm * group.share / norm : scale * stretch) * weight))
        }
        if parts.isEmpty { return outcome }
        let limit = UInt128(clipping.onGrid) * UInt128(clipping.onGrid)
        for attempt in 0..<Self.maximumTries {
            let key: UInt64 = stream.next()
            let roundings = parts.map { (StochasticRounding(factor: $0.factor, key: key), $0.ranges) }
            // No coordinate is longer than the vector; rounding adds less than one.
            let squared = roundings.reduce(UInt128(0)) { $0 + $1.0.add(delta, $1.1, to: &sum, largest: clipping.onGrid + 2) }
            if squared <= limit {
                outcome.retries = attempt
                return outcome
            }
            for (rounding, ranges) in roundings { rounding.subtract(delta, ranges, from: &sum) }
        }
        outcome.retries = Self.maximumTries
        outcome.wasTruncated = true
        let truncations = parts.map { (Truncation(factor: $0.factor), $0.ranges) }
        if truncations.reduce(UInt128(0), { $0 + $1.0.squaredNorm(delta, $1.1) }) <= limit {
            for (truncation, ranges) in truncations { truncation.add(delta, ranges, to: &sum) }
        }
        return outcome
    }
}
