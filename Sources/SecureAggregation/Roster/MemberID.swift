/// A node's number in the roster. It never changes and is never given to another node.
public struct MemberID: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let rawValue: UInt32
    public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    public static func < (a: MemberID, b: MemberID) -> Bool { a.rawValue < b.rawValue }
    public var description: String { "\(rawValue)" }
    /// As in transcripts: big-endian.
    var bytes: [UInt8] { withUnsafeBytes(of: rawValue.bigEndian) { Array($0) } }
}

extension [MemberID] {
    /// Whether every number is there once and in ascending order: the only form in which lists are accepted.
    var isStrictlyAscending: Bool { zip(self, dropFirst()).allSatisfy { $0 < $1 } }
}
