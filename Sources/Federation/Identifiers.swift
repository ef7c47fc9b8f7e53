public import Crypto

/// The name of a node: 1…63 of `a-z 0-9 -`, beginning with a letter or digit. It is the identity in the node's certificate.
public struct NodeID: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let name: String

    /// `nil` when the name breaks the rule above.
    public init?(_ name: String) {
        let bytes = Array(name.utf8)
        func allowed(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
        guard (1...63).contains(bytes.count), bytes.allSatisfy(allowed), bytes[0] != UInt8(ascii: "-") else { return nil }
        self.name = name
    }

    public var description: String { name }
    public static func < (a: NodeID, b: NodeID) -> Bool { a.name < b.name }
}

/// One attempt to improve the global model, counted from 1 within a plan; it ends published or abandoned.
public struct RoundNumber: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let value: Int
    public init(_ value: Int) {
        precondition(value >= 1, "rounds are counted from 1")
        self.value = value
    }
    public var next: RoundNumber { RoundNumber(value + 1) }
    public var description: String { "\(value)" }
    public static func < (a: RoundNumber, b: RoundNumber) -> Bool { a.value < b.value }
}

/// A SHA-256 digest that names bytes: of a plan, a catalog, a model version, an update.
public struct Digest: Sendable, Hashable, CustomStringConvertible {
    public static let byteCount = 32
    public let bytes: [UInt8]

    /// `nil` unless there are exactly 32 bytes.
    public init?(bytes: some Sequence<UInt8>) {
        let array = Array(bytes)
        guard array.count == Self.byteCount else { return nil }
        self.bytes = array
    }

    /// `nil` unless the text is 64 hexadecimal digits.
    public init?(hex: String) {
        let digits = hex.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 2 * Self.byteCount else { return nil }
        var bytes: [UInt8] = []
        for pair in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[pair], let low = digits[pair + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        self.bytes = bytes
    }

    /// The digest of the given bytes.
    public init(of content: some Sequence<UInt8>) {
        bytes = Array(SHA256.hash(data: Array(content)))
    }

    public init(_ digest: SHA256.Digest) { bytes = Array(digest) }

    public var hex: String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
    /// The first 12 hexadecimal digits, for people.
    public var short: String { String(hex.prefix(12)) }
    public var description: String { hex }
}
