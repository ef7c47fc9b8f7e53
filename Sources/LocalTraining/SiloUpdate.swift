/// What training on all users of a node changed.
public struct SiloUpdate: Sendable, Hashable {
    /// Trained minus global parameters, d values, all finite.
    public let delta: [Float]
    /// Training sequences of one epoch: the weight of this node in the average.
    public let sequenceCount: Int
    /// Sum of the losses of all targets of all epochs, each at the parameters before its step.
    public let lossSum: Double
    /// Targets of all epochs.
    public let targetCount: Int
}

/// The sum of the integers of users that each trained alone.
public struct UserSum: Sendable, Hashable {
    /// d values.
    public internal(set) var sum: [Int64]
    /// Users with enough events, whose integers are in the sum.
    public internal(set) var contributingUsers = 0
    /// Of these, deltas that were longer than the clip.
    public internal(set) var clippedUsers = 0
    /// Of these, deltas whose rounding had to be truncated.
    public internal(set) var truncatedUsers = 0
    /// Of these, deltas that were not finite and gave zeros: usually a learning rate that is too high.
    public internal(set) var nonFiniteUsers = 0
    /// Targets of all epochs of the users with a finite loss.
    public internal(set) var targetCount = 0
    /// Their losses in steps of 2⁻²⁰, so that the order of the users cannot change the sum.
    var lossSteps: Int64 = 0

    /// Sum of the losses of those targets, each at the user's parameters before its step.
    public var lossSum: Double { Double(lossSteps) * 0x1p-20 }

    init(dimension: Int) { sum = [Int64](repeating: 0, count: dimension) }

    mutating func add(_ other: UserSum) {
        precondition(sum.count == other.sum.count, "sums of the same dimension")
        sum.withUnsafeMutableBufferPointer { sum in
            other.sum.withUnsafeBufferPointer { other in
                for index in sum.indices { sum[index] &+= other[index] }
            }
        }
        contributingUsers += other.contributingUsers
        clippedUsers += other.clippedUsers
        truncatedUsers += other.truncatedUsers
        nonFiniteUsers += other.nonFiniteUsers
        targetCount += other.targetCount
        lossSteps += other.lossSteps
    }

    mutating func add(_ loss: Double, targets: Int) {
        guard loss.isFinite, loss.magnitude < 0x1p30 else { return }
        lossSteps += Int64((loss * 0x1p20).rounded())
        targetCount += targets
    }
}
