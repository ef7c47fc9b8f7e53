/// A distribution over the items 0 ..< count for the kernels that draw by hashing, by Walker's alias method (Vose 1991).
public struct ItemDraws: Sendable {
    public let count: Int
    /// Empty for the uniform distribution, as are `others`.
    let thresholds: [UInt32]
    let others: [Int32]

    /// Uniform.
    public init(count: Int) {
        precondition(count >= 1, "there is something to draw")
        (self.count, thresholds, others) = (count, [], [])
    }

    /// In proportion to the weights.
    /// - Parameter weights: at least one; none negative, their sum positive and finite.
    public init(weights: [Double]) {
        let total = weights.reduce(0, +)
        precondition(total > 0 && total.isFinite && weights.allSatisfy { $0 >= 0 }, "weights are not negative and have a sum")
        var shares = weights.map { $0 / total * Double(weights.count) }
        var small = shares.indices.filter { shares[$0] < 1 }
        var large = shares.indices.filter { shares[$0] >= 1 }
        var thresholds = [UInt32](repeating: .max, count: weights.count)
        var others = weights.indices.map(Int32.init)
        while let slot = small.popLast(), let giver = large.popLast() {
            thresholds[slot] = UInt32(shares[slot] * 0x1p32)
            others[slot] = Int32(giver)
            shares[giver] -= 1 - shares[slot]
            if shares[giver] < 1 { small.append(giver) } else { large.append(giver) }
        }
        (count, self.thresholds, self.others) = (weights.count, thresholds, others)
    }
}
