/// The threshold and the collusion that follow from the number of nodes.
public struct Thresholds: Sendable, Hashable {
    /// t and c.
    public let threshold, collusion: Int

    /// The largest c below n/3, and t = ⌊2n/3⌋ + 1: then 2t > n + c, and n − t nodes may drop.
    ///
    /// For 3 and 4 nodes c is 0 or 1 and little or nothing may drop; 5 nodes or more are recommended.
    public static func recommended(nodes: Int) -> Thresholds {
        precondition(nodes >= 3, "secure aggregation needs three nodes")
        return Thresholds(threshold: 2 * nodes / 3 + 1, collusion: (nodes - 1) / 3)
    }
}
