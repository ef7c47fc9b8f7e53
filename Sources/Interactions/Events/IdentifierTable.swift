/// External ids numbered 0, 1, 2 … in order of first appearance.
///
/// The ids' UTF-8 bytes lie in one pool, found again by an open-addressing table, so that a million ids cost little more than
/// their text. Two ids are the same when their bytes are.
public struct IdentifierTable: Sendable {
    private var pool: [UInt8] = []
    /// Where id i starts in the pool; one entry more than there are ids.
    private var offsets: [Int] = [0]
    /// Index of an id, or −1; the size is a power of two and at most half full.
    private var slots: [Int32] = Array(repeating: -1, count: 16)

    public init() {}

    /// The distinct ids of the list; a repeated id keeps its first number.
    public init(_ identifiers: some Sequence<String>) {
        for identifier in identifiers { _ = intern(identifier) }
    }

    public var count: Int { offsets.count - 1 }

    /// The id of that number.
    public subscript(index: Int) -> String { String(decoding: pool[offsets[index]..<offsets[index + 1]], as: UTF8.self) }

    /// All ids in order of their numbers.
    public var identifiers: [String] { (0..<count).map { self[$0] } }

    /// The number of an id, or nil when it never appeared.
    public func index(of identifier: String) -> Int32? {
        var copy = identifier
        return copy.withUTF8 { find($0).index }
    }

    /// The number of an id, given to it now if it is new.
    @discardableResult
    public mutating func intern(_ identifier: String) -> Int32 {
        var copy = identifier
        return copy.withUTF8 { intern($0) }
    }

    /// As ``intern(_:)-(String)``, from the id's UTF-8 bytes.
    mutating func intern(_ bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
        let (index, slot) = find(bytes)
        if let index { return index }
        precondition(count < Int(Int32.max), "an identifier table holds at most 2^31 - 1 ids")
        let number = Int32(count)
        slots[slot] = number
        pool.append(contentsOf: bytes)
        offsets.append(pool.count)
        if count * 2 > slots.count { grow() }
        return number
    }

    /// The id's number and slot, or nil and the free slot where it belongs.
    private func find(_ bytes: UnsafeBufferPointer<UInt8>) -> (index: Int32?, slot: Int) {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: Self.hash(bytes)) & mask
        while slots[slot] >= 0 {
            if equals(Int(slots[slot]), bytes) { return (slots[slot], slot) }
            slot = (slot + 1) & mask
        }
        return (nil, slot)
    }

    private func equals(_ index: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = offsets[index]
        guard offsets[index + 1] - start == bytes.count else { return false }
        for position in 0..<bytes.count where pool[start + position] != bytes[position] { return false }
        return true
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 2)
        let mask = slots.count - 1
        for index in 0..<count {
            var slot = pool.withUnsafeBufferPointer { pool in
                Int(truncatingIfNeeded: Self.hash(UnsafeBufferPointer(rebasing: pool[offsets[index]..<offsets[index + 1]]))) & mask
            }
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(index)
        }
    }

    /// FNV-1a, 64 bits, with a finishing mix because only the low bits choose the slot.
    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash ^= hash >> 32
        hash = hash &* 0x9e37_79b9_7f4a_7c15
        return hash ^ (hash >> 29)
    }
}

extension IdentifierTable: Hashable {
    public static func == (left: IdentifierTable, right: IdentifierTable) -> Bool { left.offsets == right.offsets && left.pool == right.pool }
    public func hash(into hasher: inout Hasher) {
        hasher.combine(offsets)
        hasher.combine(pool)
    }
}
