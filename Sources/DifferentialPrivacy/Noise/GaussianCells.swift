import CKernels

/// Proposals for the magnitude of a discrete Gaussian: cells of equal probability that cover the region below w(x) = exp(−x²/(2σ²)).
///
/// Buckets hold h = ⌈σ/32⌉ neighbouring magnitudes, levels are 2⁻⁷ high; a cell is one level of one bucket, and a uniform point of it is a magnitude x of
/// the bucket and a height. Per bucket there are at least as many cells as w needs at its first magnitude, so that no point below the curve is missing; of
/// cells that lie below the curve at the bucket's last magnitude every point is accepted without looking, in the others (``boundary``) the height
/// is compared with w(x). One more cell stands for all magnitudes beyond the buckets (`DiscreteGaussian`, "Beyond the buckets").
///
/// Bounds on w come from 64-bit weights with a proven margin; a cell too many, or one wrongly taken for a boundary, costs time and changes no probability.
package struct GaussianCells: Sendable {
    package let cells: [UInt32]
    /// h
    package let width: UInt64
    /// First magnitude beyond the buckets. w there is at most 2⁻¹³.
    package let reach: UInt64

    package static let levelBits = UInt64(TRIBUTARY_GAUSSIAN_LEVEL_BITS)
    package static let boundary = UInt32(TRIBUTARY_GAUSSIAN_BOUNDARY)
    package static let tail = UInt32(TRIBUTARY_GAUSSIAN_TAIL)

    /// - Parameter sigma: 1 ... 2⁴⁰.
    package init(sigma: UInt64) {
        width = (sigma + 31) / 32
        let unit = 64 - Self.levelBits
        let levels: UInt64 = 1 << Self.levelBits
        let farthest: UInt64 = 1 << (64 - 13)
        var cells: [UInt32] = []
        var bucket: UInt64 = 0
        while true {
            let start = bucket * width
            let first = ExactExponential.approximateWeight(start, sigma: sigma)
            // w < 1 except at zero, where all levels are needed.
            let most = first > .max - ExactExponential.margin ? .max : first + ExactExponential.margin
            if most <= farthest { break }
            let last = ExactExponential.approximateWeight(start + width - 1, sigma: sigma)
            let needed = min(levels, (most >> unit) + 1)
            let below = last < ExactExponential.margin ? 0 : (last - ExactExponential.margin) >> unit
            for level in 0..<needed {
                cells.append(UInt32(bucket << 16 | level) | (level < below ? 0 : Self.boundary))
            }
            bucket += 1
        }
        precondition(bucket < 256, "a bucket's number has eight bits")
        cells.append(Self.tail)
        self.cells = cells
        reach = bucket * width
    }
}
