import CoordinatorCore
import Federation

/// A storage that dies after so many changes: from then on nothing is written or read, as when the process was killed there.
actor DyingStorage: CoordinatorStorage {
    private let inner: any CoordinatorStorage
    private var changesLeft: Int
    private(set) var isDead = false
    private(set) var changes = 0
    private var lastRound: RoundNumber?

    init(_ inner: any CoordinatorStorage, changes: Int) {
        self.inner = inner
        changesLeft = changes
    }

    /// Dies right after the collection of the round was closed.
    func die(whenClosing round: RoundNumber) { lastRound = round }

    private static let death = FederationError(.unavailable, "The storage is dead.")
    private func change<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        guard !isDead, changesLeft > 0 else {
            isDead = true
            throw Self.death
        }
        changesLeft -= 1
        changes += 1
        return try await body()
    }
    private func look<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        if isDead { throw Self.death }
        return try await body()
    }

    func beginIncarnation() async throws -> Int { try await change { try await inner.beginIncarnation() } }
    func requestPlan(_ encoded: [UInt8], at time: WallTime) async throws { try await change { try await inner.requestPlan(encoded, at: time) } }
    func requestStop(of plan: Digest, at time: WallTime) async throws -> Bool { try await change { try await inner.requestStop(of: plan, at: time) } }
    func setState(_ state: PlanState, of plan: Digest, at time: WallTime) async throws {
        try await change { try await inner.setState(state, of: plan, at: time) }
    }
    func plans() async throws -> [PlanRecord] { try await look { try await inner.plans() } }
    func recordJoin(_ node: NodeID, _ declaration: JoinDeclaration, at time: WallTime) async throws {
        try await change { try await inner.recordJoin(node, declaration, at: time) }
    }
    func joins(of plan: Digest) async throws -> [JoinRecord] { try await look { try await inner.joins(of: plan) } }
    func recordWithdrawal(_ node: NodeID, from plan: Digest, reason: DeclineReason, at time: WallTime) async throws {
        try await change { try await inner.recordWithdrawal(node, from: plan, reason: reason, at: time) }
    }
    func openRound(_ opening: RoundOpening, of plan: Digest) async throws { try await change { try await inner.openRound(opening, of: plan) } }
    func acceptUpdate(_ update: AcceptedUpdate, in round: RoundNumber, of plan: Digest) async throws {
        try await change { try await inner.acceptUpdate(update, in: round, of: plan) }
    }
    func recordDecline(_ node: NodeID, reason: DeclineReason, in round: RoundNumber, of plan: Digest, at time: WallTime) async throws {
        try await change { try await inner.recordDecline(node, reason: reason, in: round, of: plan, at: time) }
    }
    func closeCollection(of round: RoundNumber, of plan: Digest, at time: WallTime) async throws {
        try await change { try await inner.closeCollection(of: round, of: plan, at: time) }
        if round == lastRound { isDead = true }
    }
    func recordNoisedSum(_ sum: Digest, in round: RoundNumber, of plan: Digest) async throws {
        try await change { try await inner.recordNoisedSum(sum, in: round, of: plan) }
    }
    func publish(_ model: ModelReference, in round: RoundNumber, of plan: Digest, at time: WallTime) async throws {
        try await change { try await inner.publish(model, in: round, of: plan, at: time) }
    }
    func abandon(_ round: RoundNumber, of plan: Digest, reason: AbandonReason, at time: WallTime) async throws {
        try await change { try await inner.abandon(round, of: plan, reason: reason, at: time) }
    }
    func rounds(of plan: Digest) async throws -> [RoundRecord] { try await look { try await inner.rounds(of: plan) } }
    func round(_ round: RoundNumber, of plan: Digest) async throws -> RoundRecord? { try await look { try await inner.round(round, of: plan) } }
    func recordInitialModel(_ model: ModelReference, of plan: Digest, at time: WallTime) async throws {
        try await change { try await inner.recordInitialModel(model, of: plan, at: time) }
    }
    func models() async throws -> [ModelRecord] { try await look { try await inner.models() } }
    func promote(_ model: Digest, at time: WallTime) async throws { try await change { try await inner.promote(model, at: time) } }
    func undoPromotion(of plan: Digest) async throws -> Digest? { try await change { try await inner.undoPromotion(of: plan) } }
    func rememberLedger(_ head: LedgerHead, of node: NodeID, at time: WallTime) async throws {
        try await change { try await inner.rememberLedger(head, of: node, at: time) }
    }
    func rememberedLedger(of node: NodeID) async throws -> LedgerHead? { try await look { try await inner.rememberedLedger(of: node) } }
    func registerAggregationKey(_ key: [UInt8], of node: NodeID, organisation: String) async throws {
        try await change { try await inner.registerAggregationKey(key, of: node, organisation: organisation) }
    }
    func aggregationMembers() async throws -> [AggregationMember] { try await look { try await inner.aggregationMembers() } }
    func recordRoster(_ roster: Digest, of plan: Digest) async throws { try await change { try await inner.recordRoster(roster, of: plan) } }
    func roster(of plan: Digest) async throws -> Digest? { try await look { try await inner.roster(of: plan) } }
    func store(_ bytes: [UInt8]) async throws -> Digest { try await change { try await inner.store(bytes) } }
    func byteCount(of digest: Digest) async throws -> Int? { try await look { try await inner.byteCount(of: digest) } }
    func read(_ digest: Digest, at offset: Int, maximumCount: Int) async throws -> [UInt8] {
        try await look { try await inner.read(digest, at: offset, maximumCount: maximumCount) }
    }
    func byteCount(of upload: UploadName) async throws -> Int { try await look { try await inner.byteCount(of: upload) } }
    func append(_ bytes: [UInt8], to upload: UploadName, at offset: Int) async throws {
        try await change { try await inner.append(bytes, to: upload, at: offset) }
    }
    func read(_ upload: UploadName, at offset: Int, maximumCount: Int) async throws -> [UInt8] {
        try await look { try await inner.read(upload, at: offset, maximumCount: maximumCount) }
    }
    func discard(_ upload: UploadName) async throws { try await change { try await inner.discard(upload) } }
    func uploads(of plan: Digest) async throws -> [UploadName] { try await look { try await inner.uploads(of: plan) } }
}
