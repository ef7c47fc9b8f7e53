/// Reads what ``ByteWriter`` wrote. Bytes come from outside: nothing is allocated before it is known to be there, and every
/// deviation is an error that names the place.
struct ByteReader {
    private let bytes: [UInt8]
    private(set) var offset = 0
    /// What is read, for messages: "plan".
    private let subject: String

    init(_ bytes: [UInt8], subject: String) {
        self.bytes = bytes
        self.subject = subject
    }

    /// The byte that comes next, which stays unread; `nil` at the end.
    var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    mutating func integer<Value: FixedWidthInteger>(_: Value.Type, _ field: String) throws -> Value {
        let width = Value.bitWidth / 8
        try require(width, field)
        let value = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
        offset += width
        return Value(littleEndian: value)
    }
    mutating func count(_ field: String) throws -> Int { Int(try integer(Int64.self, field)) }
    mutating func double(_ field: String) throws -> Double { Double(bitPattern: try integer(UInt64.self, field)) }
    mutating func float(_ field: String) throws -> Float { Float(bitPattern: try integer(UInt32.self, field)) }

    mutating func bool(_ field: String) throws -> Bool {
        switch try integer(UInt8.self, field) {
        case 0: return false
        case 1: return true
        default: throw problem(field, "is neither 0 nor 1")
        }
    }
    mutating func digest(_ field: String) throws -> Digest {
        guard let digest = Digest(bytes: try take(Digest.byteCount, field)) else { throw problem(field, "is no digest") }
        return digest
    }
    mutating func text(_ field: String) throws -> String {
        let length = Int(try integer(UInt32.self, field))
        let content = try take(length, field)
        guard let text = String(validating: content, as: UTF8.self) else { throw problem(field, "is not UTF-8") }
        return text
    }
    mutating func take(_ count: Int, _ field: String) throws -> ArraySlice<UInt8> {
        try require(count, field)
        defer { offset += count }
        return bytes[offset..<offset + count]
    }
    /// Throws unless everything was read.
    func finish() throws {
        guard offset == bytes.count else { throw problem("end", "is followed by \(bytes.count - offset) more bytes") }
    }
    func problem(_ field: String, _ what: String) -> FederationError {
        FederationError(.corrupted, "The bytes are no \(subject) of this version: \(field) at byte \(offset) \(what). Fetch them again or update this program.")
    }
    private func require(_ count: Int, _ field: String) throws {
        guard count >= 0, bytes.count - offset >= count else { throw problem(field, "is cut off") }
    }
}
