public import Federation

/// The coordinator as one authenticated node sees it.
public struct CoordinatorSession: CoordinatorPort {
    let coordinator: Coordinator
    public let node: NodeID

    public func currentPlan() async throws -> PlanOffer? { try await coordinator.currentPlan() }

    public func join(_ declaration: JoinDeclaration) async throws { try await coordinator.join(declaration, from: node) }

    public func nextAssignment(_ poll: AssignmentPoll) async throws -> Assignment { try await coordinator.nextAssignment(poll, for: node) }

    public func download(_ digest: Digest, from offset: Int, deliver: @Sendable ([UInt8]) async throws -> Void) async throws {
        try await coordinator.download(digest, from: offset, deliver: deliver)
    }

    public func uploadStatus(of header: UpdateHeader) async throws -> UploadStatus { try await coordinator.uploadStatus(of: header, from: node) }

    public func upload(_ header: UpdateHeader, from offset: Int, source: any UpdateSource) async throws -> UploadStatus {
        try await coordinator.upload(header, from: offset, source: source, by: node)
    }

    public func exchange(_ exchange: AggregationExchange) async throws -> AggregationMail { try await coordinator.exchange(exchange, for: node) }

    public func decline(_ round: RoundNumber, of plan: Digest, reason: DeclineReason) async throws {
        try await coordinator.decline(round, of: plan, reason: reason, by: node)
    }
}
