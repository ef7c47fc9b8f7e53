/// The discrete Gaussian N_Z(0, σ²): P(x) ∝ exp(−x²/(2σ²)) on the integers, sampled exactly with integers only.
///
/// Mechanism: added to every coordinate of an integer sum of L2 sensitivity D it is D²/(2σ²)-zCDP (Canonne, Kamath and Steinke 2020, theorem 4).
///
/// **Method.** Karney 2016 (*Sampling exactly from the normal distribution*, algorithm D) with mean 0 and integer σ, its uniform deviates held as
/// lazily extended words:
/// 1. k ≥ 0 with probability ∝ exp(−k/2), kept with probability exp(−k(k − 1)/2): k has weight exp(−k²/2);
/// 2. a sign and j uniform in 0 ..< σ; with x = j/σ, minus zero is refused;
/// 3. kept with probability exp(−x(2k + x)/2): the result ±(kσ + j) has weight exp(−(k + x)²/2), which is exp(−(kσ + j)²/(2σ²)).
///
/// **Exactness.** Every decision compares a uniform number in [0, 1), extended word by word until it is decided, with either a rational number
/// (``NoiseWords/bernoulli(_:of:)``: integer products) or e^(−m/2) (``HalfExponentials``: binary digits to any length). Step 3 writes
/// exp(−x(2k + x)/2) as the (k + 1)-th power of exp(−y), y = x(2k + x)/(2k + 2) < 1, and tests each factor by von Neumann's alternating
/// series as in Canonne et al., algorithm 1: with N the number of successes of Bernoulli(y/1), Bernoulli(y/2), … before the first failure,
/// P(N is even) = Σ (−y)ⁿ/n! = exp(−y). No floating-point number takes part.
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
        var words = NoiseWords(stream, capacity: 8 * count + 64)
        let noise = try [Int64](unsafeUninitializedCapacity: count) { buffer, filled in
            try HalfExponentials.leading.withUnsafeBufferPointer { thresholds in
                while filled < count {
                    buffer.initializeElement(at: filled, to: try sample(&words, thresholds))
                    filled += 1
                }
            }
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

    @inline(__always)
    private func sample(_ words: inout NoiseWords, _ thresholds: UnsafeBufferPointer<UInt64>) throws -> Int64 {
        while true {
            let k = try Self.roundedPart(&words, thresholds)
            let signed = try words.below(2 &* sigma)
            let j = signed >> 1
            let isNegative = signed & 1 == 1
            if isNegative && k == 0 && j == 0 { continue }
            guard try keeps(k, j, &words) else { continue }
            let magnitude = Int64(k &* sigma &+ j)
            return isNegative ? 0 &- magnitude : magnitude
        }
    }

    /// Step 1: k with weight exp(−k²/2).
    @inline(__always)
    private static func roundedPart(_ words: inout NoiseWords, _ thresholds: UnsafeBufferPointer<UInt64>) throws -> UInt64 {
        while true {
            var k = 0
            // P(k ≥ m) = e^(−m/2): one uniform number against all thresholds.
            let word = try words.next()
            while k + 1 < thresholds.count, word < thresholds[k + 1] { k &+= 1 }
            if k + 1 == thresholds.count || word == thresholds[k + 1] { k = try settle(word, from: k, &words) }
            if k < 2 { return UInt64(k) }
            if try isBelowHalfExponential(k * (k - 1), &words, thresholds) { return UInt64(k) }
        }
    }

    /// The uniform number whose first word is given is known to be below e^(−k/2); counts on with as many further words as it takes.
    @inline(never)
    private static func settle(_ first: UInt64, from known: Int, _ words: inout NoiseWords) throws -> Int {
        var digits = [first]
        var k = known
        while try isBelow(&digits, exponent: k + 1, &words) { k += 1 }
        return k
    }

    /// `true` with probability exactly e^(−m/2), m ≥ 1.
    private static func isBelowHalfExponential(_ m: Int, _ words: inout NoiseWords, _ thresholds: UnsafeBufferPointer<UInt64>) throws -> Bool {
        let word = try words.next()
        let leading = m < thresholds.count ? thresholds[m] : HalfExponentials.word(0, ofExponent: m)
        if word != leading { return word < leading }
        var digits = [word]
        return try isBelow(&digits, exponent: m, &words)
    }

    private static func isBelow(_ digits: inout [UInt64], exponent: Int, _ words: inout NoiseWords) throws -> Bool {
        var index = 0
        while true {
            if index == digits.count { digits.append(try words.next()) }
            let digit = HalfExponentials.word(index, ofExponent: exponent)
            if digits[index] != digit { return digits[index] < digit }
            index += 1
        }
    }

    /// Step 3: `true` with probability exactly exp(−x(2k + x)/2), x = j/σ.
    @inline(__always)
    private func keeps(_ k: UInt64, _ j: UInt64, _ words: inout NoiseWords) throws -> Bool {
        if j == 0 { return true }
        // y = n/m with n = j(2kσ + j), m = (2k + 2)σ²: in one word when m times the series' index fits 64 bits.
        let isNarrow = sigma < 1 << 27 && k < 64
        for _ in 0...k {
            var isEven = true
            var index: UInt64 = 1
            while true {
                let succeeds: Bool
                if isNarrow && index < 8 {
                    // (2·64)·2^54·8 < 2^64
                    succeeds = try words.bernoulli(j &* (2 &* k &* sigma &+ j), of: (2 &* k &+ 2) &* sigma &* sigma &* index)
                } else {
                    succeeds = try words.bernoulli(j, of: sigma) && words.bernoulli(2 &* k &* sigma &+ j, of: (2 &* k &+ 2) &* sigma)
                        && words.bernoulli(1, of: index)
                }
                if !succeeds { break }
                isEven.toggle()
                index &+= 1
            }
            if !isEven { return false }
        }
        return true
    }
}
