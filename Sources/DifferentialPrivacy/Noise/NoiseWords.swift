import CLibCrypto

/// Words of a noise stream one at a time, fetched in blocks; unused words of the last block are wiped, never used again.
package struct NoiseWords: ~Copyable {
    private var stream: any NoiseStream
    private let block: UnsafeMutableBufferPointer<UInt64>
    private var position: Int

    /// - Parameter capacity: words per block, ≥ 1.
    package init(_ stream: any NoiseStream, capacity: Int) {
        self.stream = stream
        block = .allocate(capacity: max(1, min(capacity, 8192)))
        block.initialize(repeating: 0)
        position = block.count
    }

    deinit {
        if let base = block.baseAddress { OPENSSL_cleanse(base, block.count * 8) }
        block.deallocate()
    }

    /// The stream, advanced past everything that was fetched.
    consuming func finish() -> any NoiseStream { stream }

    @inline(__always)
    package mutating func next() throws -> UInt64 {
        if position == block.count { try refill() }
        let word = block[position]
        position &+= 1
        return word
    }

    @inline(never)
    private mutating func refill() throws {
        try stream.fill(block)
        position = 0
    }
}

extension NoiseWords {
    /// `true` with probability exactly n/m, from one word except with probability about 2⁻⁶⁴ per further word.
    ///
    /// With u uniform in [0, 1), u < n/m is decided by the first word w unless n/m lies in [w, w + 1)/2⁶⁴; then the comparison is
    /// repeated on the remainder with the next word. Integers only.
    /// - Parameters: n ≤ m, m ≥ 1.
    @inline(__always)
    package mutating func bernoulli(_ n: UInt64, of m: UInt64) throws -> Bool {
        var target = n
        while true {
            if target == m { return true }
            // (w + f)·m < target·2⁶⁴ for f in [0, 1)?
            let product = try next().multipliedFullWidth(by: m)
            if product.high >= target { return false }
            let (low, borrow) = UInt64(0).subtractingReportingOverflow(product.low)
            let high = target &- product.high &- (borrow ? 1 : 0)
            if high > 0 || low >= m { return true }
            // f·m < low: again, with the next word's bits for f. low = 0 means w·m = target·2⁶⁴: not below.
            if low == 0 { return false }
            target = low
        }
    }

    /// Uniform in 0 ..< bound, exactly (Lemire 2019). bound ≥ 1.
    @inline(__always)
    package mutating func below(_ bound: UInt64) throws -> UInt64 {
        var product = try next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold { product = try next().multipliedFullWidth(by: bound) }
        }
        return product.high
    }
}
