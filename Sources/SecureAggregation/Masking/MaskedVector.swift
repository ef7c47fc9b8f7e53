import CKernels

/// A mask by its key, to be added or subtracted.
package struct Mask: Sendable {
    package enum Sign: Sendable { case plus, minus }
    package var key: SecretBytes
    package var sign: Sign

    package init(key: SecretBytes, sign: Sign) {
        self.key = key
        self.sign = sign
    }
}

/// A vector of d words modulo 2^b, to which payloads and masks are added in place: memory O(d), whatever the number of nodes.
public struct MaskedVector: Sendable {
    public let dimension: Int
    /// b: 32, 40 or 64.
    public let modulusBits: Int
    /// Words for 32 bits; empty otherwise.
    var narrow: [UInt32] = []
    /// Words for 40 and 64 bits; for 40 the upper bits of a word are rubbish.
    var wide: [UInt64] = []

    /// Zero.
    public init(dimension: Int, modulusBits: Int) {
        precondition([32, 40, 64].contains(modulusBits) && dimension >= 0, "the modulus has 32, 40 or 64 bits")
        self.dimension = dimension
        self.modulusBits = modulusBits
        if modulusBits == 32 { narrow = [UInt32](repeating: 0, count: dimension) } else { wide = [UInt64](repeating: 0, count: dimension) }
    }

    /// The values modulo 2^b.
    public init(_ values: [Int64], modulusBits: Int) {
        precondition([32, 40, 64].contains(modulusBits), "the modulus has 32, 40 or 64 bits")
        dimension = values.count
        self.modulusBits = modulusBits
        if modulusBits == 32 { narrow = values.map { UInt32(truncatingIfNeeded: $0) } } else { wide = values.map { UInt64(bitPattern: $0) } }
    }

    public var wordByteCount: Int { modulusBits / 8 }
    public var payloadByteCount: Int { dimension * wordByteCount }

    /// Adds little-endian words of b bits each.
    /// - Parameter first: index of the first word.
    /// - Throws: ``SecureAggregationError`` `.malformed` unless the bytes are whole words that fit.
    public mutating func add(_ words: UnsafeRawBufferPointer, at first: Int = 0) throws {
        guard words.count % wordByteCount == 0, first >= 0, first <= dimension, words.count / wordByteCount <= dimension - first else {
            throw SecureAggregationError(.malformed, "\(words.count) bytes at word \(first) are no part of \(dimension) words of \(wordByteCount) bytes")
        }
        accumulate(words, count: words.count / wordByteCount, at: first, sign: .plus)
    }
    /// Adds a whole payload.
    /// - Throws: ``SecureAggregationError`` `.malformed` unless there are exactly d words.
    public mutating func add(payload: [UInt8]) throws {
        guard payload.count == payloadByteCount else {
            throw SecureAggregationError(.malformed, "a payload has \(payload.count) bytes where \(payloadByteCount) were expected")
        }
        try payload.withUnsafeBytes { try add($0) }
    }

    private mutating func accumulate(_ words: UnsafeRawBufferPointer, count: Int, at first: Int, sign: Mask.Sign) {
        guard let source = words.baseAddress, count > 0 else { return }
        let flip: UInt64 = sign == .plus ? 0 : .max
        switch modulusBits {
        case 32: narrow.withUnsafeMutableBufferPointer { tributary_add_words32(Int64(count), source, UInt32(truncatingIfNeeded: flip), $0.baseAddress.map { $0 + first }) }
        case 40: wide.withUnsafeMutableBufferPointer { tributary_add_words40(Int64(count), source, flip, $0.baseAddress.map { $0 + first }) }
        default: wide.withUnsafeMutableBufferPointer { tributary_add_words64(Int64(count), source, flip, $0.baseAddress.map { $0 + first }) }
        }
    }

    /// Words per block: the keystream of a block, the zeros it comes from and the block of the vector stay in the second-level cache.
    private static let blockWords = 16384

    /// Adds or subtracts all masks, block by block.
    package mutating func apply(_ masks: [Mask]) throws {
        let streams = try masks.map { (try MaskStream(key: $0.key), $0.sign) }
        let zeros = [UInt8](repeating: 0, count: Self.blockWords * wordByteCount)
        try withWipedBytes(zeros.count) { buffer in
            for first in stride(from: 0, to: dimension, by: Self.blockWords) {
                let count = min(Self.blockWords, dimension - first)
                let block = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(count * wordByteCount)])
                for (stream, sign) in streams {
                    try zeros.withUnsafeBytes { try stream.encrypt(UnsafeRawBufferPointer(rebasing: $0[..<block.count]), into: block) }
                    accumulate(UnsafeRawBufferPointer(block), count: count, at: first, sign: sign)
                }
            }
        }
    }

    /// The words as they travel: little-endian, b/8 bytes each.
    public func payload() -> [UInt8] {
        switch modulusBits {
        case 32: return narrow.withUnsafeBytes { Array($0) }
        case 64: return wide.withUnsafeBytes { Array($0) }
        default:
            return [UInt8](unsafeUninitializedCapacity: payloadByteCount) { buffer, count in
                wide.withUnsafeBufferPointer { tributary_pack_words40(Int64(dimension), $0.baseAddress, buffer.baseAddress) }
                count = payloadByteCount
            }
        }
    }

    /// The representatives in −2^(b−1) ..< 2^(b−1).
    public func centred() -> [Int64] {
        if modulusBits == 32 { return narrow.map { Int64(Int32(bitPattern: $0)) } }
        let unused = Int64(64 - modulusBits)
        return wide.map { (Int64(bitPattern: $0) << unused) >> unused }
    }
}
