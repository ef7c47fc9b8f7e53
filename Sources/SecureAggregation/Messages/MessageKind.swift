/// The kinds of messages, by the number that is sent and signed.
public enum MessageKind: UInt8, Sendable, Hashable, CaseIterable {
    // From nodes, signed.
    case advertisement = 0x01
    case shares = 0x02
    case maskedInput = 0x03
    case consistency = 0x04
    case unmasking = 0x05
    case confirmation = 0x06
    // From the coordinator. Nothing in them is believed without a node's signature or the node's own record.
    case announcement = 0x11
    case keyList = 0x12
    case shareDelivery = 0x13
    case survivors = 0x14
    case unmaskRequest = 0x15
    case result = 0x16
    case confirmations = 0x17
}

/// The stages of a round, in order.
public enum AggregationStage: Int, Sendable, Hashable, CaseIterable, Comparable {
    case announce, keys, shares, maskedInput, consistency, unmask, confirm, ended
    public static func < (a: AggregationStage, b: AggregationStage) -> Bool { a.rawValue < b.rawValue }
}

/// The name of the protocol; part of every signature and key.
package let suite = Array("secagg-v1".utf8)
