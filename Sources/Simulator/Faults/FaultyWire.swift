import Federation

/// A node's way to the simulated coordinator, with the trouble that the schedule makes.
struct FaultyWire: CoordinatorPort {
    let node: NodeID
    /// The node's own power: a dead node sends nothing.
    let power: PowerSwitch
    let host: CoordinatorHost
    let schedule: FaultSchedule
    let clock: VirtualClock

    func currentPlan() async throws -> PlanOffer? { try await send(.currentPlan) { try await $0.currentPlan() } }

    func join(_ declaration: JoinDeclaration) async throws { try await send(.join) { try await $0.join(declaration) } }

    func nextAssignment(_ poll: AssignmentPoll) async throws -> Assignment { try await send(.nextAssignment) { try await $0.nextAssignment(poll) } }

    func download(_ digest: Digest, from offset: Int, deliver: @Sendable ([UInt8]) async throws -> Void) async throws {
        let (pieces, continuation) = AsyncStream<[UInt8]>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { continuation.finish() }
                try await send(.download) { try await $0.download(digest, from: offset) { piece in continuation.yield(piece) } }
            }
            for await piece in pieces { try await deliver(piece) }
            try await tasks.waitForAll()
        }
    }

    func uploadStatus(of header: UpdateHeader) async throws -> UploadStatus { try await send(.uploadStatus) { try await $0.uploadStatus(of: header) } }

    func upload(_ header: UpdateHeader, from offset: Int, source: any UpdateSource) async throws -> UploadStatus {
        let limit = await schedule.interruption(of: node, round: header.round)
        return try await send(.upload) { session in
            guard let limit else { return try await session.upload(header, from: offset, source: source) }
            return try await session.upload(header, from: offset, source: InterruptedSource(source: source, limit: limit))
        }
    }

    func exchange(_ exchange: AggregationExchange) async throws -> AggregationMail { try await send(.exchange) { try await $0.exchange(exchange) } }

    func decline(_ round: RoundNumber, of plan: Digest, reason: DeclineReason) async throws {
        try await send(.decline) { try await $0.decline(round, of: plan, reason: reason) }
    }

    private func send<Answer: Sendable>(
        _ kind: RequestKind, _ body: @escaping @Sendable (any CoordinatorPort) async throws -> Answer
    ) async throws -> Answer {
        try power.check()
        let fate = await schedule.fate(of: kind, from: node)
        try await clock.sleep(until: clock.now + fate.requestDelay)
        guard !fate.requestLost else { throw lost(kind) }
        guard let (session, coordinatorPower) = await host.session(for: node) else {
            throw FederationError(.unavailable, "the coordinator is down (simulated); the request is repeated later")
        }
        let answer: Answer
        do { answer = try await coordinatorPower.whileOn { try await body(session) } } catch is PowerFailure { throw lost(kind) } catch {
            // An error of a coordinator that died is never heard.
            guard coordinatorPower.isOn else { throw lost(kind) }
            throw error
        }
        try await clock.sleep(until: clock.now + fate.answerDelay)
        guard !fate.answerLost else { throw lost(kind) }
        return answer
    }

    private func lost(_ kind: RequestKind) -> FederationError {
        FederationError(.unavailable, "the connection broke during \(kind.rawValue) (simulated); the request is repeated later")
    }
}

/// Breaks off after so many bytes of the update.
private struct InterruptedSource: UpdateSource {
    let source: any UpdateSource
    let limit: Int

    func read(at offset: Int, maximumCount: Int) async throws -> [UInt8] {
        guard offset < limit else { throw FederationError(.unavailable, "the connection broke after \(limit) bytes (simulated)") }
        return try await source.read(at: offset, maximumCount: min(maximumCount, limit - offset))
    }
}
