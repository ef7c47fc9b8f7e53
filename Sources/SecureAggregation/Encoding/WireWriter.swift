/// Appends values in the one form that is hashed, signed and sent: big-endian integers of fixed width, bytes as they are.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ value: some FixedWidthInteger) { withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) } }
    mutating func append(_ value: Double) { append(value.bitPattern) }
    mutating func append(_ content: [UInt8]) { bytes.append(contentsOf: content) }
    mutating func append(_ hash: Hash256) { bytes.append(contentsOf: hash.bytes) }
    mutating func append(_ member: MemberID) { append(member.rawValue) }
    mutating func append(count: Int) { append(UInt32(count)) }
    mutating func append(_ text: String) {
        append(UInt8(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }
    mutating func append(_ members: [MemberID]) {
        append(count: members.count)
        for member in members { append(member) }
    }
}
