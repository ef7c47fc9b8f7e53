/// Appends values in the one form every digest of the federation is taken over: little-endian integers of fixed width,
/// floating-point numbers by their bit patterns, text and bytes behind a 32-bit count.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
    mutating func append(_ value: Double) { append(value.bitPattern) }
    mutating func append(_ value: Float) { append(value.bitPattern) }
    mutating func append(_ value: Bool) { append(UInt8(value ? 1 : 0)) }
    mutating func append(count value: Int) { append(Int64(value)) }
    mutating func append(_ text: String) { append(lengthPrefixed: Array(text.utf8)) }
    mutating func append(_ digest: Digest) { bytes.append(contentsOf: digest.bytes) }
    mutating func append(lengthPrefixed content: [UInt8]) {
        precondition(content.count <= Int(UInt32.max), "a field holds less than 4 GiB")
        append(UInt32(content.count))
        bytes.append(contentsOf: content)
    }
}
