/// Reads what ``WireWriter`` wrote. The bytes come from outside: every count is checked against what is left before anything is
/// allocated, and every deviation is an error that names the place.
struct WireReader {
    private let bytes: [UInt8]
    private var offset = 0
    private let subject: String

    init(_ bytes: [UInt8], subject: String) {
        self.bytes = bytes
        self.subject = subject
    }

    var remaining: Int { bytes.count - offset }

    mutating func integer<Value: FixedWidthInteger>(_: Value.Type) throws -> Value {
        let width = Value.bitWidth / 8
        try require(width)
        defer { offset += width }
        return Value(bigEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) })
    }
    mutating func double() throws -> Double { Double(bitPattern: try integer(UInt64.self)) }
    mutating func member() throws -> MemberID { MemberID(try integer(UInt32.self)) }
    mutating func take(_ count: Int) throws -> [UInt8] {
        try require(count)
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }
    mutating func secret(_ count: Int) throws -> SecretBytes {
        try require(count)
        defer { offset += count }
        return bytes.withUnsafeBytes { SecretBytes(UnsafeRawBufferPointer(rebasing: $0[offset..<offset + count])) }
    }
    mutating func hash() throws -> Hash256 {
        guard let hash = Hash256(try take(Hash256.byteCount)) else { throw problem("holds no digest") }
        return hash
    }
    mutating func text() throws -> String {
        let content = try take(Int(try integer(UInt8.self)))
        guard let text = String(validating: content, as: UTF8.self) else { throw problem("holds text that is not UTF-8") }
        return text
    }
    /// A count of elements that are each at least so long.
    mutating func count(ofAtLeast width: Int) throws -> Int {
        let count = Int(try integer(UInt32.self))
        guard count <= remaining / max(width, 1) else { throw problem("is cut off") }
        return count
    }
    /// Members as they come; order and distinctness are for the stage to judge.
    mutating func members() throws -> [MemberID] {
        let count = try count(ofAtLeast: 4)
        var members: [MemberID] = []
        members.reserveCapacity(count)
        for _ in 0..<count { members.append(try member()) }
        return members
    }
    /// Throws unless everything was read.
    func finish() throws {
        guard remaining == 0 else { throw problem("is followed by \(remaining) more bytes") }
    }
    func problem(_ what: String) -> SecureAggregationError { SecureAggregationError(.malformed, "the bytes are no \(subject): at byte \(offset) it \(what)") }
    private func require(_ count: Int) throws {
        guard count >= 0, remaining >= count else { throw problem("is cut off") }
    }
}
