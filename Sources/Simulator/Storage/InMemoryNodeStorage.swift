public import DifferentialPrivacy
public import EdgeRuntime
public import Federation
public import Interactions

/// A node's storage in memory, with the contract of the durable one: it survives a simulated crash of the node, because it is not
/// part of the node.
public actor InMemoryNodeStorage: NodeStorage {
    private var users: [String: Int] = [:]
    /// Names in order of first appearance; empty where a user was forgotten.
    private var userNames: [String] = []
    private var events: [Event] = []
    private var imported: Set<Digest> = []
    private var version = 0

    private let shared: SharedDownloads?
    private var blobs: [Digest: [UInt8]] = [:]
    private var unfinished: [Digest: [UInt8]] = [:]
    private var ledger: [LedgerEntry] = []
    private var lines: [LedgerLine] = []
    private var aggregations: [AggregationRecord] = []
    private var pins: [NodeID: [UInt8]] = [:]
    /// First entry that each user took part in, by place in `userNames`.
    private var firstEntries: [Int: Int] = [:]
    private var updates: [FinishedUpdate] = []
    private var outbox: [Digest: [UInt8]] = [:]
    private var memberships: [PlanMembership] = []
    private var served: ServedModelRecord?
    private var stored: [LocalReport] = []
    private var listed: Catalog?

    private struct Event {
        var user: Int
        var item: String
        var time: Int64?
    }

    public init() { shared = nil }

    /// - Parameter shared: files that other nodes of the same simulation fetched need not be fetched again.
    init(sharing shared: SharedDownloads?) { self.shared = shared }
}

/// The files that nodes of one simulation have fetched, each held once.
actor SharedDownloads {
    private var blobs: [Digest: [UInt8]] = [:]
    /// In order of arrival.
    private var digests: [Digest] = []
    /// Enough for the catalog and the models of a few rounds.
    private static let capacity = 4

    func blob(_ digest: Digest) -> [UInt8]? { blobs[digest] }

    func add(_ bytes: [UInt8], as digest: Digest) {
        guard blobs.updateValue(bytes, forKey: digest) == nil else { return }
        digests.append(digest)
        // The first one is the catalog, which every node wants once.
        if digests.count > Self.capacity { blobs[digests.remove(at: 1)] = nil }
    }
}

// MARK: Events

extension InMemoryNodeStorage {
    public func record(_ new: [NodeEvent]) -> RecordedEvents { append(new, skippingRepeated: true) }

    public func importEvents(_ new: [NodeEvent], from source: ImportSource) throws -> RecordedEvents {
        guard imported.insert(source.digest).inserted else {
            throw StorageError(.alreadyImported, "\(source.fileName) was imported before with the same options; its events are in the store already.")
        }
        return append(new, skippingRepeated: false)
    }

    private func append(_ new: [NodeEvent], skippingRepeated: Bool) -> RecordedEvents {
        var outcome = RecordedEvents(events: 0, newUsers: 0, repeated: 0)
        for event in new {
            let user: Int
            if let known = users[event.user] { user = known } else {
                user = userNames.count
                users[event.user] = user
                userNames.append(event.user)
                outcome.newUsers += 1
            }
            if skippingRepeated, let time = event.time,
                events.contains(where: { $0.user == user && $0.time == time && $0.item == event.item })
            {
                outcome.repeated += 1
                continue
            }
            events.append(Event(user: user, item: event.item, time: event.time))
            outcome.events += 1
        }
        version += 1
        return outcome
    }

    public func forget(user name: String) -> ForgottenUser? {
        guard let user = users.removeValue(forKey: name) else { return nil }
        let count = events.count
        events.removeAll { $0.user == user }
        userNames[user] = ""
        firstEntries[user] = nil
        version += 1
        return ForgottenUser(events: count - events.count)
    }

    public func history(of name: String) -> [String]? {
        guard let user = users[name] else { return nil }
        return ordered { $0.user == user }.map(\.item)
    }

    /// In order of time, events without one first, ties in order of arrival.
    private func ordered(_ isWanted: (Event) -> Bool) -> [Event] {
        events.enumerated().filter { isWanted($0.element) }
            .sorted { ($0.element.time ?? .min, $0.offset) < ($1.element.time ?? .min, $1.offset) }.map(\.element)
    }

    public func eventStatistics() -> EventStatistics {
        EventStatistics(users: users.count, items: Set(events.map(\.item)).count, events: events.count, version: version)
    }

    public func interactions(with catalog: Catalog) -> NodeInteractions {
        var sequences = [[Int32]](repeating: [], count: userNames.count)
        var unknownEvents = 0
        var unknownItems: Set<String> = []
        for event in ordered({ _ in true }) {
            if let item = catalog.index(of: event.item) { sequences[event.user].append(item) } else {
                unknownEvents += 1
                unknownItems.insert(event.item)
            }
        }
        let present = sequences.indices.filter { users[userNames[$0]] == $0 }.map { sequences[$0] }
        return NodeInteractions(
            sequences: UserSequences(present), unknownEvents: unknownEvents, unknownItems: unknownItems.count, version: version)
    }
}

// MARK: New items

extension InMemoryNodeStorage {
    public func setNewItems(_ list: Catalog) { listed = list.count == 0 ? nil : list }
    public func newItems() -> Catalog? { listed }
    public func newItemsDigest() -> Digest? { listed.map { Digest(of: $0.encoded()) } }

    public func histories(meeting items: [String], limit: Int) -> [[String]] {
        let items = Set(items)
        let met = Set(events.lazy.filter { items.contains($0.item) }.map(\.user)).sorted().suffix(limit)
        return met.map { user in ordered { $0.user == user }.map(\.item) }
    }
}

// MARK: Blobs

extension InMemoryNodeStorage {
    public func blobProgress(_ digest: Digest) -> BlobProgress {
        blobs[digest] != nil ? .complete : .partial(unfinished[digest]?.count ?? 0)
    }

    public func appendToBlob(_ digest: Digest, at offset: Int, _ bytes: [UInt8]) throws {
        let held = unfinished[digest]?.count ?? 0
        guard offset == held else {
            throw StorageError(.conflict, "Bytes of \(digest.short) were delivered for offset \(offset) where \(held) are held; ask for the rest again.")
        }
        unfinished[digest, default: []].append(contentsOf: bytes)
    }

    public func completeBlob(_ digest: Digest) async throws {
        if blobs[digest] != nil { return }
        let bytes = unfinished.removeValue(forKey: digest) ?? []
        guard Digest(of: bytes) == digest else {
            throw StorageError(.corrupted, "The bytes received for \(digest.short) have another digest and were thrown away; they will be fetched again.")
        }
        blobs[digest] = bytes
        await shared?.add(bytes, as: digest)
    }

    public func blob(_ digest: Digest) async -> [UInt8]? {
        if let bytes = blobs[digest] { return bytes }
        return await shared?.blob(digest)
    }

    public func retainBlobs(_ digests: Set<Digest>) {
        blobs = blobs.filter { digests.contains($0.key) }
        unfinished = unfinished.filter { digests.contains($0.key) }
    }
}

// MARK: Ledger

extension InMemoryNodeStorage {
    public func ledgerEntries() -> [LedgerEntry] { ledger }

    public func ledgerLines() -> [LedgerLine] { lines }
    public func ledgerHead() -> LedgerHead { lines.last?.head ?? .empty }
    public func ledgerReceipt() -> LedgerHead? { lines.last?.head }

    public func userClasses() -> [UserClass] {
        Dictionary(grouping: firstEntries.values) { $0 }.map { UserClass(firstEntry: $0.key, users: $0.value.count) }.sorted { $0.firstEntry < $1.firstEntry }
    }

    public func appendReservation(_ entry: LedgerEntry, participants: Participants, at time: WallTime) throws {
        guard entry.sequence == ledger.count + 1, entry.state == .reserved else {
            throw StorageError(.conflict, "Another process wrote to the privacy ledger meanwhile; stop all but one process that attends rounds.")
        }
        ledger.append(LedgerEntry(sequence: entry.sequence, plan: entry.plan, round: entry.round, event: entry.event, state: .reserved, time: time.milliseconds))
        lines.append(LedgerChain.line(entry, at: time, after: ledgerHead()))
        let present = userNames.indices.filter { users[userNames[$0]] == $0 }
        if case .rows(let rows, version) = participants {
            for row in rows where present.indices.contains(row) { take(present[row], into: entry.sequence) }
        } else {
            for user in present { take(user, into: entry.sequence) }
        }
    }

    private func take(_ user: Int, into entry: Int) {
        if firstEntries[user] == nil { firstEntries[user] = entry }
    }

    public func cancelReservation(_ sequence: Int, at time: WallTime) throws { try move(sequence, to: .cancelled, at: time) }

    private func move(_ sequence: Int, to state: LedgerEntry.State, at time: WallTime) throws {
        guard (1...max(1, ledger.count)).contains(sequence), !ledger.isEmpty else {
            throw StorageError(.conflict, "The privacy ledger has no entry \(sequence).")
        }
        let entry = ledger[sequence - 1]
        if entry.state == state { return }
        guard entry.state == .reserved else {
            throw StorageError(.conflict, "Entry \(sequence) of the privacy ledger is \(entry.state.rawValue) and cannot become \(state.rawValue).")
        }
        ledger[sequence - 1] = entry.moved(to: state)
        lines.append(LedgerChain.line(ledger[sequence - 1], at: time, after: ledgerHead()))
    }
}

// MARK: Updates

extension InMemoryNodeStorage {
    public func storeUpdate(_ update: FinishedUpdate, bytes: [UInt8]) throws {
        guard Digest(of: bytes) == update.digest, bytes.count == update.header.payloadByteCount else {
            throw StorageError(.conflict, "The bytes of an update do not have the digest or length of its header.")
        }
        guard self.update(plan: update.header.plan, round: update.header.round) == nil else {
            throw StorageError(.conflict, "There is a finished update for the round already.")
        }
        var record = update
        record.state = .finished
        updates.append(record)
        outbox[update.digest] = bytes
    }

    public func update(plan: Digest, round: RoundNumber) -> FinishedUpdate? {
        updates.first { $0.header.plan == plan && $0.header.round == round }
    }

    public func readUpdate(_ digest: Digest, at offset: Int, maximumCount: Int) throws -> [UInt8] {
        guard let bytes = outbox[digest] else {
            throw StorageError(.corrupted, "The finished update \(digest.short) is missing from the outbox; it cannot be sent again.")
        }
        return offset >= bytes.count ? [] : Array(bytes[offset..<min(bytes.count, offset + min(maximumCount, bytes.count))])
    }

    public func beginSending(_ digest: Digest, at time: WallTime) throws {
        guard let index = updates.firstIndex(where: { $0.digest == digest }) else {
            throw StorageError(.conflict, "There is no finished update \(digest.short) to send.")
        }
        guard case .finished = updates[index].state else { return }
        if let reservation = updates[index].reservation { try move(reservation, to: .sent, at: time) }
        updates[index].state = .sending
    }

    public func settleUpdate(_ digest: Digest, as outcome: UpdateOutcome, at time: WallTime) {
        outbox[digest] = nil
        guard let index = updates.firstIndex(where: { $0.digest == digest }) else { return }
        if case .settled = updates[index].state { return }
        updates[index].state = .settled(outcome)
    }

    public func unsettledUpdates() -> [FinishedUpdate] {
        updates.filter { if case .settled = $0.state { false } else { true } }
    }
}

// MARK: Secure aggregation

extension InMemoryNodeStorage {
    public func lastAggregation(of plan: Digest) -> AggregationRecord? {
        aggregations.filter { $0.plan == plan }.max { $0.round < $1.round }
    }

    public func enterAggregation(_ record: AggregationRecord, at time: WallTime) throws {
        if let last = lastAggregation(of: record.plan), last.round >= record.round {
            throw StorageError(.conflict, "Round \(last.round) of the plan was entered before; round \(record.round) cannot be entered any more.")
        }
        aggregations.append(record)
    }

    public func beginSendingMasked(plan: Digest, round: RoundNumber, at time: WallTime) throws {
        guard let record = aggregations.first(where: { $0.plan == plan && $0.round == round }) else {
            throw StorageError(.conflict, "Round \(round) of the plan was not entered.")
        }
        if let reservation = record.reservation { try move(reservation, to: .sent, at: time) }
    }

    public func decideUnmasking(plan: Digest, round: RoundNumber, survivors: Digest, at time: WallTime) throws {
        guard let index = aggregations.firstIndex(where: { $0.plan == plan && $0.round == round }), aggregations[index].survivors ?? survivors == survivors else {
            throw StorageError(.conflict, "The node has decided otherwise about round \(round), or has not entered it; nothing is revealed.")
        }
        aggregations[index].survivors = survivors
    }

    public func pinnedKeys() -> [NodeID: [UInt8]] { pins }

    public func pin(_ keys: [NodeID: [UInt8]]) throws {
        guard keys.allSatisfy({ pins[$0.key] ?? $0.value == $0.value }) else {
            throw StorageError(.conflict, "A node has another aggregation key than the one this node has seen.")
        }
        pins.merge(keys) { $1 }
    }
}

// MARK: Plans and reports

extension InMemoryNodeStorage {
    public func membership(of plan: Digest) -> PlanMembership? { memberships.first { $0.plan == plan } }
    public func currentMembership() -> PlanMembership? { memberships.last }

    public func saveMembership(_ membership: PlanMembership) {
        memberships.removeAll { $0.plan == membership.plan }
        memberships.append(membership)
    }

    public func servedModel() -> ServedModelRecord? { served }
    public func setServedModel(_ model: ServedModelRecord) { served = model }

    public func saveReport(_ report: LocalReport) {
        if let index = stored.firstIndex(where: { Self.key($0) == Self.key(report) }) { stored[index] = report } else { stored.append(report) }
    }

    public func reports() -> [LocalReport] {
        var plans: [Digest: Int] = [:]
        for report in stored where plans[report.plan] == nil { plans[report.plan] = plans.count }
        return stored.sorted {
            let (left, right) = (Self.key($0), Self.key($1))
            return (plans[left.plan] ?? 0, left.scorer, left.round) < (plans[right.plan] ?? 0, right.scorer, right.round)
        }
    }

    private struct ReportKey: Hashable {
        var plan: Digest
        var scorer: String
        var round: Int
    }

    private static func key(_ report: LocalReport) -> ReportKey {
        var round = 0
        if case .model(let model) = report.scorer { round = model.round }
        return ReportKey(plan: report.plan, scorer: report.scorer.name, round: round)
    }
}
