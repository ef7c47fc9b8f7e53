import Federation

/// A coordinator of the tests: it stores bytes and says so, and can break off when told to.
actor MemoryCoordinator {
    private(set) var blobs: [Digest: [UInt8]] = [:]
    private(set) var partial: [Digest: [UInt8]] = [:]
    private(set) var joins: [NodeID: JoinDeclaration] = [:]
    private(set) var declines: [NodeID: DeclineReason] = [:]
    private(set) var requests: [String] = []
    private var offer: PlanOffer?
    private var assignment = Assignment(work: .wait(.seconds(1)), newestModel: nil, incarnation: 1)
    /// Transfers fail as unavailable after so many bytes; each entry once.
    private var breaks: [Int] = []

    func offer(_ offer: PlanOffer) { self.offer = offer }
    func assign(_ assignment: Assignment) { self.assignment = assignment }
    func breakTransfers(after counts: [Int]) { breaks = counts }
    @discardableResult
    func store(_ bytes: [UInt8]) -> Digest {
        let digest = Digest(of: bytes)
        blobs[digest] = bytes
        return digest
    }

    fileprivate func nextBreak() -> Int? { breaks.isEmpty ? nil : breaks.removeFirst() }
    fileprivate func note(_ request: String) { requests.append(request) }
    fileprivate func currentOffer() -> PlanOffer? { offer }
    fileprivate func currentAssignment() -> Assignment { assignment }
    fileprivate func record(_ node: NodeID, _ declaration: JoinDeclaration) throws {
        if let known = joins[node], known != declaration { throw FederationError(.rejected, "another declaration was made before") }
        joins[node] = declaration
    }
    fileprivate func recordDecline(_ node: NodeID, _ reason: DeclineReason) { declines[node] = reason }

    fileprivate func status(of header: UpdateHeader) -> UploadStatus {
        if blobs[header.payload] != nil { return .accepted }
        return .incomplete(offset: partial[header.payload]?.count ?? 0)
    }
    fileprivate func append(_ bytes: [UInt8], to payload: Digest, at offset: Int) throws {
        guard partial[payload, default: []].count == offset else { throw FederationError(.failedPrecondition, "the upload continues at another offset") }
        partial[payload, default: []] += bytes
    }
    fileprivate func finish(_ header: UpdateHeader) -> UploadStatus {
        let bytes = partial[header.payload] ?? []
        guard bytes.count == header.payloadByteCount else { return .incomplete(offset: bytes.count) }
        partial[header.payload] = nil
        guard Digest(of: bytes) == header.payload else { return .rejected(.digestMismatch) }
        blobs[header.payload] = bytes
        return .accepted
    }
}

struct MemorySession: CoordinatorPort {
    let coordinator: MemoryCoordinator
    let node: NodeID

    func currentPlan() async throws -> PlanOffer? {
        await coordinator.note("\(node) plan")
        return await coordinator.currentOffer()
    }
    /// Answers with what was asked, so that a test sees that it came over whole.
    func exchange(_ exchange: AggregationExchange) async throws -> AggregationMail {
        await coordinator.note("\(node) exchange \(exchange.round) \(exchange.received)")
        return AggregationMail(messages: exchange.message.map { [$0, exchange.plan.bytes] } ?? [], isOver: exchange.message == nil)
    }
    func join(_ declaration: JoinDeclaration) async throws { try await coordinator.record(node, declaration) }
    func nextAssignment(_ poll: AssignmentPoll) async throws -> Assignment { await coordinator.currentAssignment() }

    func download(_ digest: Digest, from offset: Int, deliver: @Sendable ([UInt8]) async throws -> Void) async throws {
        guard let bytes = await coordinator.blobs[digest] else { throw FederationError(.notFound, "no such bytes") }
        guard offset <= bytes.count else { throw FederationError(.invalidArgument, "the offset is beyond the end") }
        await coordinator.note("\(node) download \(offset)")
        let end = await coordinator.nextBreak()
        var position = offset
        while position < bytes.count {
            if let end, position - offset >= end { throw FederationError(.unavailable, "broken off by the test") }
            let next = min(position + (1 << 20), bytes.count)
            try await deliver(Array(bytes[position..<next]))
            position = next
        }
    }

    func uploadStatus(of header: UpdateHeader) async throws -> UploadStatus { await coordinator.status(of: header) }

    func upload(_ header: UpdateHeader, from offset: Int, source: any UpdateSource) async throws -> UploadStatus {
        guard header.round.value != 99 else { return .rejected(.wrongRound) }
        await coordinator.note("\(node) upload \(offset)")
        let end = await coordinator.nextBreak()
        var position = offset
        while true {
            if let end, position - offset >= end { throw FederationError(.unavailable, "broken off by the test") }
            let bytes = try await source.read(at: position, maximumCount: 300_000)
            if bytes.isEmpty { break }
            try await coordinator.append(bytes, to: header.payload, at: position)
            position += bytes.count
        }
        return await coordinator.finish(header)
    }

    func decline(_ round: RoundNumber, of plan: Digest, reason: DeclineReason) async throws { await coordinator.recordDecline(node, reason) }
}

/// Bytes in memory as an update to send.
struct MemorySource: UpdateSource {
    var bytes: [UInt8]
    func read(at offset: Int, maximumCount: Int) async throws -> [UInt8] { Array(bytes[offset..<min(offset + maximumCount, bytes.count)]) }
}

/// Collects what a download delivers.
actor Collected {
    private(set) var bytes: [UInt8] = []
    func add(_ more: [UInt8]) { bytes += more }
}
