/// What the coordinator's shell does next, in this order.
public enum CoordinatorAction: Sendable {
    /// Send to a node.
    case send(MemberID, [UInt8])
    /// A stage has begun; its deadline runs from now.
    case entered(AggregationStage)
    /// A message of this node does not count.
    case refused(MemberID, AggregationAlarm)
    /// Shares that do not fit; either the owner dealt them wrong or the holder changed them.
    case disputed([Dispute])
    /// These nodes broke a rule if at most c nodes are corrupt; leave them out of the next cohort.
    case blamed([MemberID], AggregationAlarm)
    /// Add the survivors' payloads, remove the masks and answer with ``CoordinatorRound/summed(_:)``.
    case removeMasks(MaskRemoval)
    /// The result is out.
    case published(AggregateSummary)
    case ended(CoordinatorEnd)
}

/// Shares of one owner's secret that do not fit the others.
public struct Dispute: Sendable, Hashable {
    public var owner: MemberID
    public var holders: [MemberID]
}

/// How a round ended for the coordinator.
public enum CoordinatorEnd: Sendable, Hashable {
    /// At least t nodes have confirmed the same next model.
    case completed
    /// Nothing is published, or not enough nodes confirmed it. The nodes' reservations stay spent where their input has left.
    case abandoned(AggregationAlarm)
}

/// The masks that remain in the sum of the survivors' payloads. Not printable: with it and a node's payload that node's input is seen.
public struct MaskRemoval: Sendable, CustomStringConvertible, CustomReflectable {
    /// U3: whose payloads are added.
    public let survivors: [MemberID]
    public let dimension: Int
    public let modulusBits: Int
    package let masks: [Mask]

    public var description: String { "MaskRemoval(\(masks.count) masks, hidden)" }
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

extension MaskedVector {
    /// Removes what masks the sum of the survivors' payloads; ``centred()`` is then the sum of their inputs.
    /// - Throws: ``SecureAggregationError`` `.noEntropy` when the cipher fails; the vector is useless then.
    public mutating func remove(_ removal: MaskRemoval) throws {
        precondition(removal.dimension == dimension && removal.modulusBits == modulusBits, "the masks are of this vector")
        try apply(removal.masks)
    }
}
