public import Federation

/// The plan a node takes part in and the model it serves.
public protocol PlanStorage: Sendable {
    func membership(of plan: Digest) async throws -> PlanMembership?
    /// The membership saved last.
    func currentMembership() async throws -> PlanMembership?
    func saveMembership(_ membership: PlanMembership) async throws
    /// The model version served; its bytes are a complete blob.
    func servedModel() async throws -> ServedModelRecord?
    /// Replaces the served model atomically.
    func setServedModel(_ model: ServedModelRecord) async throws
}

/// A node's durable consent to a plan, or refusal of it.
public struct PlanMembership: Sendable, Hashable {
    public enum State: Sendable, Hashable {
        case joined
        /// The plan was refused; the text says why.
        case refused(String)
        case ended
    }
    public var plan: Digest
    public var encodedPlan: [UInt8]
    public var enrolledUsers: Int
    public var state: State
    public init(plan: Digest, encodedPlan: [UInt8], enrolledUsers: Int, state: State) {
        self.plan = plan
        self.encodedPlan = encodedPlan
        self.enrolledUsers = enrolledUsers
        self.state = state
    }
}

public struct ServedModelRecord: Sendable, Hashable {
    public var plan: Digest
    public var model: ModelReference
    public init(plan: Digest, model: ModelReference) {
        self.plan = plan
        self.model = model
    }
}
