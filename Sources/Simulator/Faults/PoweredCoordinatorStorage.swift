import CoordinatorCore
import Federation

/// The coordinator's durable storage as one run of it sees it: out of reach once its power is off, while the contents stay for
/// the next run.
struct PoweredCoordinatorStorage: CoordinatorStorage {
    let storage: any CoordinatorStorage
    let power: PowerSwitch

    private func powered<Result: Sendable>(_ body: (any CoordinatorStorage) async throws -> Result) async throws -> Result {
        guard power.isOn else { throw PowerFailure() }
        let result = try await body(storage)
        guard power.isOn else { throw PowerFailure() }
        return result
    }
}

extension PoweredCoordinatorStorage {
    func requestPlan(_ encoded: [UInt8], at time: WallTime) async throws { try await powered { try await $0.requestPlan(encoded, at: time) } }
    func requestStop(of plan: Digest, at time: WallTime) async throws -> Bool { try await powered { try await $0.requestStop(of: plan, at: time) } }
    func setState(_ state: PlanState, of plan: Digest, at time: WallTime) async throws {
        try await powered { try await $0.setState(state, of: plan, at: time) }
    }
    func plans() async throws -> [PlanRecord] { try await powered { try await $0.plans() } }
    func recordJoin(_ node: NodeID, _ declaration: JoinDeclaration, at time: WallTime) async throws {
        try await powered { try await $0.recordJoin(node, declaration, at: time) }
    }
    func joins(of plan: Digest) async throws -> [JoinRecord] { try await powered { try await $0.joins(of: plan) } }
    func recordWithdrawal(_ node: NodeID, from plan: Digest, reason: DeclineReason, at time: WallTime) async throws {
        try await powered { try await $0.recordWithdrawal(node, from: plan, reason: reason, at: time) }
    }
}

extension PoweredCoordinatorStorage {
    func openRound(_ opening: RoundOpening, of plan: Digest) async throws { try await powered { try await $0.openRound(opening, of: plan) } }
    func acceptUpdate(_ update: AcceptedUpdate, in round: RoundNumber, of plan: Digest) async throws {
        try await powered { try await $0.acceptUpdate(update, in: round, of: plan) }
    }
    func recordDecline(_ node: NodeID, reason: DeclineReason, in round: RoundNumber, of plan: Digest, at time: WallTime) async throws {
        try await powered { try await $0.recordDecline(node, reason: reason, in: round, of: plan, at: time) }
    }
    func closeCollection(of round: RoundNumber, of plan: Digest, at time: WallTime) async throws {
        try await powered { try await $0.closeCollection(of: round, of: plan, at: time) }
    }
    func recordNoisedSum(_ sum: Digest, in round: RoundNumber, of plan: Digest) async throws {
        try await powered { try await $0.recordNoisedSum(sum, in: round, of: plan) }
    }
    func publish(_ model: ModelReference, in round: RoundNumber, of plan: Digest, at time: WallTime) async throws {
        try await powered { try await $0.publish(model, in: round, of: plan, at: time) }
    }
    func abandon(_ round: RoundNumber, of plan: Digest, reason: AbandonReason, at time: WallTime) async throws {
        try await powered { try await $0.abandon(round, of: plan, reason: reason, at: time) }
    }
    func rounds(of plan: Digest) async throws -> [RoundRecord] { try await powered { try await $0.rounds(of: plan) } }
    func round(_ round: RoundNumber, of plan: Digest) async throws -> RoundRecord? { try await powered { try await $0.round(round, of: plan) } }
}

extension PoweredCoordinatorStorage {
    func recordInitialModel(_ model: ModelReference, of plan: Digest, at time: WallTime) async throws {
        try await powered { try await $0.recordInitialModel(model, of: plan, at: time) }
    }
    func models() async throws -> [ModelRecord] { try await powered { try await $0.models() } }
    func promote(_ model: Digest, at time: WallTime) async throws { try await powered { try await $0.promote(model, at: time) } }
    func undoPromotion(of plan: Digest) async throws -> Digest? { try await powered { try await $0.undoPromotion(of: plan) } }
}

extension PoweredCoordinatorStorage {
    func store(_ bytes: [UInt8]) async throws -> Digest { try await powered { try await $0.store(bytes) } }
    func byteCount(of digest: Digest) async throws -> Int? { try await powered { try await $0.byteCount(of: digest) } }
    func read(_ digest: Digest, at offset: Int, maximumCount: Int) async throws -> [UInt8] {
        try await powered { try await $0.read(digest, at: offset, maximumCount: maximumCount) }
    }
    func byteCount(of upload: UploadName) async throws -> Int { try await powered { try await $0.byteCount(of: upload) } }
    func append(_ bytes: [UInt8], to upload: UploadName, at offset: Int) async throws {
        try await powered { try await $0.append(bytes, to: upload, at: offset) }
    }
    func read(_ upload: UploadName, at offset: Int, maximumCount: Int) async throws -> [UInt8] {
        try await powered { try await $0.read(upload, at: offset, maximumCount: maximumCount) }
    }
    func discard(_ upload: UploadName) async throws { try await powered { try await $0.discard(upload) } }
    func uploads(of plan: Digest) async throws -> [UploadName] { try await powered { try await $0.uploads(of: plan) } }
}

extension PoweredCoordinatorStorage {
    func rememberLedger(_ head: LedgerHead, of node: NodeID, at time: WallTime) async throws {
        try await powered { try await $0.rememberLedger(head, of: node, at: time) }
    }
    func rememberedLedger(of node: NodeID) async throws -> LedgerHead? { try await powered { try await $0.rememberedLedger(of: node) } }
    func registerAggregationKey(_ key: [UInt8], of node: NodeID, organisation: String) async throws {
        try await powered { try await $0.registerAggregationKey(key, of: node, organisation: organisation) }
    }
    func aggregationMembers() async throws -> [AggregationMember] { try await powered { try await $0.aggregationMembers() } }
    func recordRoster(_ roster: Digest, of plan: Digest) async throws { try await powered { try await $0.recordRoster(roster, of: plan) } }
    func roster(of plan: Digest) async throws -> Digest? { try await powered { try await $0.roster(of: plan) } }
    func beginIncarnation() async throws -> Int { try await powered { try await $0.beginIncarnation() } }
}
