public import Federation

/// Where a plan stands.
public enum PlanState: Sendable, Hashable {
    /// Asked for; a server will take it up.
    case requested
    case running
    /// Asked to stop; the server has not done so yet.
    case stopping
    /// All rounds published.
    case finished
    /// Ended by request; may be started again.
    case stopped
    /// Ended by a cause that starting again will not mend.
    case failed(reason: String)

    /// Whether a server works on it or will.
    public var isActive: Bool {
        switch self {
        case .requested, .running, .stopping: true
        case .finished, .stopped, .failed: false
        }
    }
}

/// A plan as the coordinator remembers it.
public struct PlanRecord: Sendable, Hashable {
    public var encodedPlan: [UInt8]
    public var digest: Digest
    public var state: PlanState
    public var requestedAt: WallTime
    public var changedAt: WallTime
    public init(encodedPlan: [UInt8], digest: Digest, state: PlanState, requestedAt: WallTime, changedAt: WallTime) {
        self.encodedPlan = encodedPlan
        self.digest = digest
        self.state = state
        self.requestedAt = requestedAt
        self.changedAt = changedAt
    }
    public func plan() throws -> Plan { try Plan(encoded: encodedPlan) }
}

/// A node that takes part in a plan.
public struct JoinRecord: Sendable, Hashable {
    public var node: NodeID
    public var enrolledUsers: Int
    public var joinedAt: WallTime
    /// Set when the node said it cannot take part any more.
    public var withdrawal: DeclineReason?
    public init(node: NodeID, enrolledUsers: Int, joinedAt: WallTime, withdrawal: DeclineReason? = nil) {
        self.node = node
        self.enrolledUsers = enrolledUsers
        self.joinedAt = joinedAt
        self.withdrawal = withdrawal
    }
}

/// A model version as the coordinator remembers it.
public struct ModelRecord: Sendable, Hashable {
    public var reference: ModelReference
    public var plan: Digest
    public var publishedAt: WallTime
    /// Whether this is the promoted version of its plan.
    public var isPromoted: Bool
    public init(reference: ModelReference, plan: Digest, publishedAt: WallTime, isPromoted: Bool) {
        self.reference = reference
        self.plan = plan
        self.publishedAt = publishedAt
        self.isPromoted = isPromoted
    }
}
