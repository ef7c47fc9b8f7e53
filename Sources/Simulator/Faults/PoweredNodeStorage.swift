import DifferentialPrivacy
import EdgeRuntime
import Federation
import Interactions

/// A node's durable storage as one run of it sees it: out of reach once its power is off, while the contents stay for the next run.
struct PoweredNodeStorage: NodeStorage {
    let storage: any NodeStorage
    let power: PowerSwitch

    private func powered<Result: Sendable>(_ body: (any NodeStorage) async throws -> Result) async throws -> Result {
        guard power.isOn else { throw NodeFault() }
        let result = try await body(storage)
        guard power.isOn else { throw NodeFault() }
        return result
    }
}

extension PoweredNodeStorage {
    func record(_ events: [NodeEvent]) async throws -> RecordedEvents { try await powered { try await $0.record(events) } }
    func importEvents(_ events: [NodeEvent], from source: ImportSource) async throws -> RecordedEvents {
        try await powered { try await $0.importEvents(events, from: source) }
    }
    func forget(user: String) async throws -> ForgottenUser? { try await powered { try await $0.forget(user: user) } }
    func history(of user: String) async throws -> [String]? { try await powered { try await $0.history(of: user) } }
    func eventStatistics() async throws -> EventStatistics { try await powered { try await $0.eventStatistics() } }
    func interactions(with catalog: Catalog) async throws -> NodeInteractions { try await powered { try await $0.interactions(with: catalog) } }
}

extension PoweredNodeStorage {
    func blobProgress(_ digest: Digest) async throws -> BlobProgress { try await powered { try await $0.blobProgress(digest) } }
    func appendToBlob(_ digest: Digest, at offset: Int, _ bytes: [UInt8]) async throws {
        try await powered { try await $0.appendToBlob(digest, at: offset, bytes) }
    }
    func completeBlob(_ digest: Digest) async throws { try await powered { try await $0.completeBlob(digest) } }
    func blob(_ digest: Digest) async throws -> [UInt8]? { try await powered { try await $0.blob(digest) } }
    func retainBlobs(_ digests: Set<Digest>) async throws { try await powered { try await $0.retainBlobs(digests) } }
}

extension PoweredNodeStorage {
    func ledgerEntries() async throws -> [LedgerEntry] { try await powered { try await $0.ledgerEntries() } }
    func ledgerLines() async throws -> [LedgerLine] { try await powered { try await $0.ledgerLines() } }
    func ledgerHead() async throws -> LedgerHead { try await powered { try await $0.ledgerHead() } }
    func ledgerReceipt() async throws -> LedgerHead? { try await powered { try await $0.ledgerReceipt() } }
    func userClasses() async throws -> [UserClass] { try await powered { try await $0.userClasses() } }
    func appendReservation(_ entry: LedgerEntry, participants: Participants, at time: WallTime) async throws {
        try await powered { try await $0.appendReservation(entry, participants: participants, at: time) }
    }
    func cancelReservation(_ sequence: Int, at time: WallTime) async throws {
        try await powered { try await $0.cancelReservation(sequence, at: time) }
    }
}

extension PoweredNodeStorage {
    func storeUpdate(_ update: FinishedUpdate, bytes: [UInt8]) async throws { try await powered { try await $0.storeUpdate(update, bytes: bytes) } }
    func update(plan: Digest, round: RoundNumber) async throws -> FinishedUpdate? {
        try await powered { try await $0.update(plan: plan, round: round) }
    }
    func readUpdate(_ digest: Digest, at offset: Int, maximumCount: Int) async throws -> [UInt8] {
        try await powered { try await $0.readUpdate(digest, at: offset, maximumCount: maximumCount) }
    }
    func beginSending(_ digest: Digest, at time: WallTime) async throws { try await powered { try await $0.beginSending(digest, at: time) } }
    func settleUpdate(_ digest: Digest, as outcome: UpdateOutcome, at time: WallTime) async throws {
        try await powered { try await $0.settleUpdate(digest, as: outcome, at: time) }
    }
    func unsettledUpdates() async throws -> [FinishedUpdate] { try await powered { try await $0.unsettledUpdates() } }
}

extension PoweredNodeStorage {
    func membership(of plan: Digest) async throws -> PlanMembership? { try await powered { try await $0.membership(of: plan) } }
    func currentMembership() async throws -> PlanMembership? { try await powered { try await $0.currentMembership() } }
    func saveMembership(_ membership: PlanMembership) async throws { try await powered { try await $0.saveMembership(membership) } }
    func servedModel() async throws -> ServedModelRecord? { try await powered { try await $0.servedModel() } }
    func setServedModel(_ model: ServedModelRecord) async throws { try await powered { try await $0.setServedModel(model) } }
}

extension PoweredNodeStorage {
    func lastAggregation(of plan: Digest) async throws -> AggregationRecord? { try await powered { try await $0.lastAggregation(of: plan) } }
    func enterAggregation(_ record: AggregationRecord, at time: WallTime) async throws {
        try await powered { try await $0.enterAggregation(record, at: time) }
    }
    func beginSendingMasked(plan: Digest, round: RoundNumber, at time: WallTime) async throws {
        try await powered { try await $0.beginSendingMasked(plan: plan, round: round, at: time) }
    }
    func decideUnmasking(plan: Digest, round: RoundNumber, survivors: Digest, at time: WallTime) async throws {
        try await powered { try await $0.decideUnmasking(plan: plan, round: round, survivors: survivors, at: time) }
    }
    func pinnedKeys() async throws -> [NodeID: [UInt8]] { try await powered { try await $0.pinnedKeys() } }
    func pin(_ keys: [NodeID: [UInt8]]) async throws { try await powered { try await $0.pin(keys) } }
}

extension PoweredNodeStorage {
    func saveReport(_ report: LocalReport) async throws { try await powered { try await $0.saveReport(report) } }
    func reports() async throws -> [LocalReport] { try await powered { try await $0.reports() } }
}

extension PoweredNodeStorage {
    func setNewItems(_ list: Catalog) async throws { try await powered { try await $0.setNewItems(list) } }
    func newItems() async throws -> Catalog? { try await powered { try await $0.newItems() } }
    func newItemsDigest() async throws -> Digest? { try await powered { try await $0.newItemsDigest() } }
    func histories(meeting items: [String], limit: Int) async throws -> [[String]] {
        try await powered { try await $0.histories(meeting: items, limit: limit) }
    }
}
