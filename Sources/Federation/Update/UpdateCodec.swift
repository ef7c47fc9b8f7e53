/// Integers of the grid as bytes: words of b bits, little-endian, each the value modulo 2^b and nothing between them.
public struct UpdateCodec: Sendable, Hashable {
    /// b: 32, 40 or 64.
    public let modulusBits: Int

    /// - Parameter modulusBits: 32, 40 or 64, as ``Plan/validate()`` has made sure.
    public init(modulusBits: Int) {
        precondition([32, 40, 64].contains(modulusBits), "the modulus has 32, 40 or 64 bits")
        self.modulusBits = modulusBits
    }

    /// Bytes of a word.
    public var wordByteCount: Int { modulusBits / 8 }
    public func byteCount(coordinates: Int) -> Int { coordinates * wordByteCount }

    /// The representative of `value` modulo 2^b in −2^(b−1) ..< 2^(b−1).
    public func centred(_ value: Int64) -> Int64 {
        let unused = Int64(64 - modulusBits)
        return (value << unused) >> unused
    }

    /// The words of the values, each reduced modulo 2^b.
    public func encode(_ values: [Int64]) -> [UInt8] {
        let width = wordByteCount
        return [UInt8](unsafeUninitializedCapacity: values.count * width) { buffer, count in
            var position = 0
            for value in values {
                var word = UInt64(bitPattern: value)
                for _ in 0..<width {
                    buffer[position] = UInt8(truncatingIfNeeded: word)
                    word >>= 8
                    position += 1
                }
            }
            count = position
        }
    }

    /// The centred values of whole words.
    /// - Throws: ``FederationError`` `.corrupted` when the bytes are not a whole number of words.
    public func decode(_ bytes: [UInt8]) throws -> [Int64] {
        var values = [Int64](repeating: 0, count: bytes.count / wordByteCount)
        try add(bytes, to: &values)
        for index in values.indices { values[index] = centred(values[index]) }
        return values
    }

    /// Adds the words to the sum, modulo 2^64; ``centred(_:)`` of a finished sum is its representative modulo 2^b, whatever the order of addition.
    /// - Throws: ``FederationError`` `.corrupted` unless there are exactly as many words as the sum has coordinates.
    public func add(_ bytes: [UInt8], to sum: inout [Int64]) throws {
        let width = wordByteCount
        guard bytes.count == sum.count * width else {
            throw FederationError(.corrupted, "An update has \(bytes.count) bytes where \(sum.count) words of \(width) bytes were expected.")
        }
        bytes.withUnsafeBytes { source in
            sum.withUnsafeMutableBufferPointer { sum in
                switch modulusBits {
                case 32:
                    for index in sum.indices { sum[index] &+= Int64(Int32(littleEndian: source.loadUnaligned(fromByteOffset: 4 * index, as: Int32.self))) }
                case 64:
                    for index in sum.indices { sum[index] &+= Int64(littleEndian: source.loadUnaligned(fromByteOffset: 8 * index, as: Int64.self)) }
                default:
                    for index in sum.indices {
                        let low = UInt32(littleEndian: source.loadUnaligned(fromByteOffset: 5 * index, as: UInt32.self))
                        sum[index] &+= Int64(low) | Int64(Int8(bitPattern: source[5 * index + 4])) << 32
                    }
                }
            }
        }
    }
}
