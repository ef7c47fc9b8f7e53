import CKernels

/// The discrete Gaussian N_Z(0, σ²): P(x) ∝ exp(−x²/(2σ²)) on the integers, sampled exactly with integers only.
///
/// Mechanism: added to every coordinate of an integer sum of L2 sensitivity D it is D²/(2σ²)-zCDP (Canonne, Kamath and Steinke 2020, theorem 4).
///
/// **Method.** Rejection. Write w(x) = exp(−x²/(2σ²)), h = ⌈σ/32⌉. The plane below w is covered by C cells of area h/128 (``GaussianCells``). A proposal is one
/// of C · 2h equally likely triples (cell, magnitude within the bucket, sign), taken from one 64-bit word without bias (Lemire 2019). It is kept
/// 1. always, when its cell lies below the curve;
/// 2. in a boundary cell of level l, when (l + u)/128 < w(x) for a uniform number u;
/// 3. never, when it is zero with a negative sign;
/// 4. in the last cell as follows.
///
/// **Beyond the buckets** (x ≥ X, with w(X) ≤ 2⁻¹³). b ≥ 0 has probability 2^(−b−1), j is uniform below H = 32h ≥ σ, x = X + bH + j, and x is kept when
/// u/2^(13+b) < w(x). Since X ≥ σ, w falls by exp(−HX/σ²) ≤ 1/e or more from block to block, so w(x) ≤ 2^(−13−b).
///
/// **Exactness.** Let p = 1/(2hC) be the probability of each triple.
/// - A magnitude x < X of bucket i, with a sign: n_i cells propose it, each with probability p; it is kept by f_i of them always and by level
///   l ≥ f_i with probability min(1, max(0, 128 w(x) − l)). As f_i ≤ 128 w(x) ≤ n_i, in all p · 128 w(x).
/// - A magnitude x ≥ X: the last cell and the sign have probability h p, b and j have 2^(−b−1)/H = 2^(−b−1)/(32h), and x is kept with probability
///   2^(13+b) w(x): in all p · 2^(12−5) w(x) = p · 128 w(x).
/// - Zero only with the positive sign: P(0) has the same weight as every other integer, p · 128 w(0).
///
/// So every integer is returned with probability proportional to w. Every comparison is decided exactly: u is a word that is
/// extended word by word while it leaves the decision open. The first word is compared with a 64-bit value of 128 w(x) whose error is proven (`gaussian.c`);
/// when they are within the margin, with probability about 2⁻⁴⁹, both are computed to more digits (``ExactExponential``), as many as it takes. No
/// floating-point number takes part, and the distribution is that of the sampler of Canonne, Kamath and Steinke, figure for figure.
///
/// The running time depends on the values drawn, so whole vectors are drawn before data are touched (``draw(_:from:)``).
public struct DiscreteGaussian: Sendable, Hashable {
    /// σ in grid units; 1 ... 2^40.
    public let standardDeviation: Int
    private let sigma: UInt64

    public static let maximumStandardDeviation = 1 << 40

    /// - Throws: ``PrivacyError`` (`invalidParameter`) when σ is outside 1 ... 2^40.
    public init(standardDeviation: Int) throws {
        guard (1...Self.maximumStandardDeviation).contains(standardDeviation) else {
            throw PrivacyError(.invalidParameter, "the noise needs a standard deviation of 1 ... 2^40 grid units, not \(standardDeviation); choose another grid scale")
        }
        self.standardDeviation = standardDeviation
        sigma = UInt64(standardDeviation)
    }

    /// A vector of independent draws, shape `[count]`.
    /// - Throws: what the stream throws; no part of the vector may then be used.
    public func draw(_ count: Int, from stream: inout any NoiseStream) throws -> [Int64] {
        precondition(count >= 0, "a count is not negative")
        var words = NoiseWords(stream, capacity: count + count / 8 + 16)
        let cells = GaussianCells(sigma: sigma)
        let noise = try [Int64](unsafeUninitializedCapacity: count) { buffer, filled in
            try fill(buffer, &filled, cells, &words)
        }
        stream = words.finish()
        return noise
    }

    /// Adds one independent draw to every coordinate. The whole vector is drawn before the sum is read.
    /// - Throws: what the stream throws; the sum is then unchanged.
    public func add(to sum: inout [Int64], from stream: inout any NoiseStream) throws {
        let noise = try draw(sum.count, from: &stream)
        for index in sum.indices { sum[index] &+= noise[index] }
    }

    private func fill(_ buffer: UnsafeMutableBufferPointer<Int64>, _ filled: inout Int, _ cells: GaussianCells, _ words: inout NoiseWords) throws {
        guard let target = buffer.baseAddress else { return }
        while filled < buffer.count {
            var open = tributary_gaussian_case()
            let outcome = try propose(target, buffer.count, &filled, cells, &words, &open)
            let magnitude: UInt64?
            switch outcome {
            case TRIBUTARY_GAUSSIAN_UNDECIDED:
                let isKept = try ExactExponential.exceeds(
                    offset: open.level, [open.word], scale: Int(GaussianCells.levelBits), exponent: square(open.x), over: 2 * square(sigma), &words)
                magnitude = isKept ? open.x : nil
            case TRIBUTARY_GAUSSIAN_BEYOND: magnitude = try beyond(cells, &words)
            default: magnitude = nil
            }
            if let magnitude {
                (target + filled).initialize(to: open.negative != 0 ? -Int64(magnitude) : Int64(magnitude))
                filled += 1
            }
        }
    }

    private func propose(
        _ target: UnsafeMutablePointer<Int64>, _ count: Int, _ filled: inout Int, _ cells: GaussianCells, _ words: inout NoiseWords,
        _ open: inout tributary_gaussian_case
    ) throws -> tributary_gaussian_outcome {
        var done = Int64(filled)
        defer { filled = Int(done) }
        return try cells.cells.withUnsafeBufferPointer { table in
            try ExactExponential.thirtySeconds.withUnsafeBufferPointer { powers in
                var proposals = tributary_gaussian_table(
                    cells: table.baseAddress, cell_count: UInt64(table.count), width: cells.width, sigma: sigma, powers: powers.baseAddress)
                return try words.read(atLeast: 2) { block, position in
                    tributary_draw_gaussian(&proposals, block.baseAddress, Int64(block.count), &position, target, Int64(count), &done, &open)
                }
            }
        }
    }

    /// A magnitude beyond the buckets, `nil` when it is refused.
    private func beyond(_ cells: GaussianCells, _ words: inout NoiseWords) throws -> UInt64? {
        var block = 0
        while true {
            let word = try words.next()
            block += word.trailingZeroBitCount
            if word != 0 { break }
        }
        let place = try words.below(32 * cells.width)
        let x = cells.reach + UInt64(block) * 32 * cells.width + place
        let isKept = try ExactExponential.exceeds(
            offset: 0, [try words.next()], scale: 13 + block, exponent: square(x), over: 2 * square(sigma), &words)
        return isKept ? x : nil
    }

    private func square(_ x: UInt64) -> UInt128 { UInt128(x) * UInt128(x) }
}
