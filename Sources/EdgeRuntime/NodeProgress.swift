public import Federation

/// What a node is doing, told to whoever shows it.
public enum NodeProgress: Sendable, Hashable {
    case joined(plan: Digest, name: String, enrolledUsers: Int)
    case refused(plan: Digest, reason: String)
    case downloading(Digest, bytes: Int, of: Int)
    /// A model version is served from now on.
    case serving(ModelReference)
    case evaluated(LocalReport)
    case training(RoundNumber, users: Int)
    case trained(RoundNumber, meanLoss: Double?, clippedUsers: Int, users: Int)
    case uploading(RoundNumber, bytes: Int, of: Int)
    case settled(RoundNumber, UpdateOutcome)
    case declined(RoundNumber, DeclineReason)
    /// A rule of secure aggregation was broken; the operator should know.
    case alarm(RoundNumber, String)
    /// The coordinator did not answer; asked again after the pause.
    case unavailable(String, pause: Duration)
    case planEnded(Digest)
}

/// Why `NodeRunner.run` returned.
public enum RunEnd: Sendable, Hashable {
    case planEnded
    /// The plan was refused and `untilPlanEnds` asked not to wait for another.
    case planRefused(String)
    /// As `planRefused`, because the users' budget does not cover it.
    case budgetExhausted(String)
    /// The task was cancelled.
    case stopped
}
