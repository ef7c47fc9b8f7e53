public import CoordinatorCore
public import Federation

/// The coordinator's storage without a disk, for simulations and tests. It lives as long as the value, so a coordinator can be
/// "restarted" over it.
public actor InMemoryCoordinatorStorage: CoordinatorStorage {
    private var incarnation = 0
    var planRecords: [PlanRecord] = []
    var joinRecords: [Digest: [JoinRecord]] = [:]
    var roundRecords: [Digest: [RoundRecord]] = [:]
    var modelRecords: [ModelRecord] = []
    var promotions: [(plan: Digest, model: Digest)] = []
    var blobs: [Digest: [UInt8]] = [:]
    var uploads: [UploadName: [UInt8]] = [:]
    var ledgers: [NodeID: LedgerHead] = [:]
    var aggregationKeys: [AggregationMember] = []
    var rosters: [Digest: Digest] = [:]

    /// Told of every model version when it is published, before anybody else.
    private let onPublish: @Sendable (ModelReference, [UInt8]) async throws -> Void

    /// - Parameter onPublish: told of every model version when it is published, before anybody else.
    public init(onPublish: @escaping @Sendable (ModelReference, [UInt8]) async throws -> Void = { _, _ in }) { self.onPublish = onPublish }

    public func beginIncarnation() -> Int {
        incarnation += 1
        return incarnation
    }
}

// MARK: - Ledgers

extension InMemoryCoordinatorStorage {
    public func rememberLedger(_ head: LedgerHead, of node: NodeID, at time: WallTime) {
        if head.count > ledgers[node]?.count ?? 0 { ledgers[node] = head }
    }
    public func rememberedLedger(of node: NodeID) -> LedgerHead? { ledgers[node] }
}

// MARK: - Rosters

extension InMemoryCoordinatorStorage {
    public func registerAggregationKey(_ key: [UInt8], of node: NodeID, organisation: String) {
        let place = aggregationKeys.firstIndex { $0.node == node }
        let member = AggregationMember(number: place.map { $0 + 1 } ?? aggregationKeys.count + 1, node: node, organisation: organisation, key: key)
        if let place { aggregationKeys[place] = member } else { aggregationKeys.append(member) }
    }
    public func aggregationMembers() -> [AggregationMember] { aggregationKeys }
    public func recordRoster(_ roster: Digest, of plan: Digest) throws {
        guard rosters[plan] ?? roster == roster else { throw FederationError(.failedPrecondition, "Plan \(plan.short)… began with another roster.") }
        rosters[plan] = roster
    }
    public func roster(of plan: Digest) -> Digest? { rosters[plan] }
}

// MARK: - Plans

extension InMemoryCoordinatorStorage {
    public func requestPlan(_ encoded: [UInt8], at time: WallTime) throws {
        let digest = Digest(of: encoded)
        try PlanRequest.check(digest, against: planRecords)
        if let index = planRecords.firstIndex(where: { $0.digest == digest }) {
            if planRecords[index].state == .stopped { planRecords[index].state = .requested }
            planRecords[index].changedAt = time
        } else {
            planRecords.append(PlanRecord(encodedPlan: encoded, digest: digest, state: .requested, requestedAt: time, changedAt: time))
        }
    }
    public func requestStop(of plan: Digest, at time: WallTime) -> Bool {
        guard let index = planRecords.firstIndex(where: { $0.digest == plan && $0.state.isActive }) else { return false }
        planRecords[index].state = .stopping
        planRecords[index].changedAt = time
        return true
    }
    public func setState(_ state: PlanState, of plan: Digest, at time: WallTime) {
        guard let index = planRecords.firstIndex(where: { $0.digest == plan }) else { return }
        planRecords[index].state = state
        planRecords[index].changedAt = time
    }
    public func plans() -> [PlanRecord] { planRecords }

    public func recordJoin(_ node: NodeID, _ declaration: JoinDeclaration, at time: WallTime) throws {
        if let earlier = joinRecords[declaration.plan]?.first(where: { $0.node == node }) {
            return try earlier.check(declaration)
        }
        joinRecords[declaration.plan, default: []].append(JoinRecord(node: node, enrolledUsers: declaration.enrolledUsers, joinedAt: time))
    }
    public func joins(of plan: Digest) -> [JoinRecord] { (joinRecords[plan] ?? []).sorted { $0.node < $1.node } }
    public func recordWithdrawal(_ node: NodeID, from plan: Digest, reason: DeclineReason, at time: WallTime) {
        guard let index = joinRecords[plan]?.firstIndex(where: { $0.node == node }) else { return }
        joinRecords[plan]?[index].withdrawal = reason
    }
}

// MARK: - Rounds

extension InMemoryCoordinatorStorage {
    private func change(_ round: RoundNumber, of plan: Digest, _ body: (inout RoundRecord) throws -> Void) throws {
        guard let index = roundRecords[plan]?.firstIndex(where: { $0.round == round }), var record = roundRecords[plan]?[index] else {
            throw FederationError(.notFound, "Round \(round) of plan \(plan.short)… was never opened.")
        }
        try body(&record)
        roundRecords[plan]?[index] = record
    }
    public func openRound(_ opening: RoundOpening, of plan: Digest) throws {
        guard round(opening.round, of: plan) == nil else {
            throw FederationError(.failedPrecondition, "Round \(opening.round) of plan \(plan.short)… is open already. Restart the coordinator.")
        }
        roundRecords[plan, default: []].append(RoundRecord(opening: opening, state: .collecting))
    }
    public func acceptUpdate(_ update: AcceptedUpdate, in round: RoundNumber, of plan: Digest) throws {
        try change(round, of: plan) { record in
            guard !record.updates.contains(where: { $0.node == update.node }) else {
                throw FederationError(.failedPrecondition, "Node \(update.node) has an update in round \(round) already. Restart the coordinator.")
            }
            record.updates.append(update)
        }
    }
    public func recordDecline(_ node: NodeID, reason: DeclineReason, in round: RoundNumber, of plan: Digest, at time: WallTime) throws {
        try change(round, of: plan) { $0.declines[node] = reason }
    }
    public func closeCollection(of round: RoundNumber, of plan: Digest, at time: WallTime) throws {
        try change(round, of: plan) { $0.state = .aggregating }
    }
    public func recordNoisedSum(_ sum: Digest, in round: RoundNumber, of plan: Digest) throws {
        try change(round, of: plan) { $0.noisedSum = sum }
    }
    public func publish(_ model: ModelReference, in round: RoundNumber, of plan: Digest, at time: WallTime) async throws {
        try change(round, of: plan) {
            $0.state = .published(model)
            $0.endedAt = time
        }
        modelRecords.append(ModelRecord(reference: model, plan: plan, publishedAt: time, isPromoted: false))
        if let bytes = blobs[model.digest] { try await onPublish(model, bytes) }
    }
    public func abandon(_ round: RoundNumber, of plan: Digest, reason: AbandonReason, at time: WallTime) throws {
        try change(round, of: plan) {
            $0.state = .abandoned(reason)
            $0.endedAt = time
        }
    }
    public func rounds(of plan: Digest) -> [RoundRecord] { roundRecords[plan] ?? [] }
    public func round(_ round: RoundNumber, of plan: Digest) -> RoundRecord? { roundRecords[plan]?.first { $0.round == round } }
}

// MARK: - Models

extension InMemoryCoordinatorStorage {
    public func recordInitialModel(_ model: ModelReference, of plan: Digest, at time: WallTime) {
        guard !modelRecords.contains(where: { $0.plan == plan && $0.reference.round == 0 }) else { return }
        modelRecords.append(ModelRecord(reference: model, plan: plan, publishedAt: time, isPromoted: false))
    }
    public func models() -> [ModelRecord] {
        modelRecords.map { record in
            var record = record
            record.isPromoted = promotions.last { $0.plan == record.plan }?.model == record.reference.digest
            return record
        }
    }
    public func promote(_ model: Digest, at time: WallTime) throws {
        guard let record = modelRecords.last(where: { $0.reference.digest == model }) else { throw ModelRecord.unknown(model) }
        promotions.append((record.plan, model))
    }
    public func undoPromotion(of plan: Digest) -> Digest? {
        if let index = promotions.lastIndex(where: { $0.plan == plan }) { promotions.remove(at: index) }
        return promotions.last { $0.plan == plan }?.model
    }
}

// MARK: - Bytes

extension InMemoryCoordinatorStorage {
    public func store(_ bytes: [UInt8]) -> Digest {
        let digest = Digest(of: bytes)
        blobs[digest] = bytes
        return digest
    }
    public func byteCount(of digest: Digest) -> Int? { blobs[digest]?.count }
    public func read(_ digest: Digest, at offset: Int, maximumCount: Int) throws -> [UInt8] {
        guard let bytes = blobs[digest] else { throw FederationError(.notFound, "There is no file \(digest.short)….") }
        return Array(bytes.dropFirst(offset).prefix(maximumCount))
    }
    public func byteCount(of upload: UploadName) -> Int { uploads[upload]?.count ?? 0 }
    public func append(_ bytes: [UInt8], to upload: UploadName, at offset: Int) throws {
        guard byteCount(of: upload) == offset else { throw upload.misplaced(offset, end: byteCount(of: upload)) }
        uploads[upload, default: []] += bytes
    }
    public func read(_ upload: UploadName, at offset: Int, maximumCount: Int) throws -> [UInt8] {
        guard let bytes = uploads[upload] else { throw FederationError(.notFound, "There are no bytes of this update.") }
        return Array(bytes.dropFirst(offset).prefix(maximumCount))
    }
    public func discard(_ upload: UploadName) { uploads[upload] = nil }
    public func uploads(of plan: Digest) -> [UploadName] { uploads.keys.filter { $0.plan == plan } }
}
