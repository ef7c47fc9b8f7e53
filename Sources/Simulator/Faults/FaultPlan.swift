public import CoordinatorCore
public import EdgeRuntime
public import Federation

/// What goes wrong in a simulation, and how slow the wire is. The same plan and seed give the same trouble.
public struct FaultPlan: Sendable, Hashable {
    /// How long each request and each answer is under way; drawn anew for every one, so that arrivals are shuffled.
    public var latency: ClosedRange<Duration>
    /// Probability that a request is lost, and, independently, that its answer is; in [0, 1).
    public var lossRate: Double
    public var faults: [Fault]

    /// - Parameter lossRate: in [0, 1).
    public init(latency: ClosedRange<Duration> = .milliseconds(1) ... .milliseconds(1), lossRate: Double = 0, faults: [Fault] = []) {
        precondition(lossRate >= 0 && lossRate < 1, "a loss rate is at least 0 and below 1")
        self.latency = latency
        self.lossRate = lossRate
        self.faults = faults
    }

    /// Nothing goes wrong.
    public static let none = FaultPlan()
}

/// One thing that goes wrong, once.
public enum Fault: Sendable, Hashable {
    /// The request never reaches the coordinator.
    case lostRequest(RequestMatch)
    /// The coordinator has acted, but the node does not hear of it.
    case lostAnswer(RequestMatch)
    /// The request is under way for so much longer.
    case delayed(RequestMatch, by: Duration)
    /// The connection breaks when so many bytes of the node's update for the round have left.
    case interruptedUpload(node: NodeID, round: Int, afterBytes: Int)
    /// The node dies at the point of the round and starts again after the pause, with what its storage holds.
    case nodeCrash(node: NodeID, round: Int, at: NodeFaultPoint, downFor: Duration)
    /// The coordinator dies when it passes the point for the given time (from 1) and starts again after the pause.
    case coordinatorCrash(at: FaultPoint, occurrence: Int, downFor: Duration)
}

/// The requests of ``CoordinatorPort``.
public enum RequestKind: String, Sendable, Hashable, CaseIterable {
    case currentPlan = "current-plan"
    case join
    case nextAssignment = "next-assignment"
    case download
    case uploadStatus = "upload-status"
    case upload
    case exchange
    case decline
}

/// Names one request: the n-th of those that match.
public struct RequestMatch: Sendable, Hashable {
    /// `nil`: any node's.
    public var node: NodeID?
    /// `nil`: any kind.
    public var kind: RequestKind?
    /// Counted from 1.
    public var occurrence: Int

    public init(node: NodeID? = nil, kind: RequestKind? = nil, occurrence: Int = 1) {
        precondition(occurrence >= 1, "occurrences are counted from 1")
        self.node = node
        self.kind = kind
        self.occurrence = occurrence
    }
}
