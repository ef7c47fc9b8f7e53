import CLibCrypto

/// Words of a noise stream, fetched in blocks; unused words of the last block are wiped, never used again.
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

    /// Calls the body with the block and the position of its first unread word, which the body advances. At least so many words are unread.
    /// - Parameter least: at most the capacity.
    mutating func read<Result>(atLeast least: Int, _ body: (UnsafeBufferPointer<UInt64>, inout Int64) throws -> Result) throws -> Result {
        precondition(least <= block.count, "no more words than a block holds")
        let unread = block.count - position
        if unread < least {
            for index in 0..<unread { block[index] = block[position + index] }
            try stream.fill(UnsafeMutableBufferPointer(rebasing: block[unread...]))
            position = 0
        }
        var next = Int64(position)
        defer { position = Int(next) }
        return try body(UnsafeBufferPointer(block), &next)
    }
}

extension NoiseWords {
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
