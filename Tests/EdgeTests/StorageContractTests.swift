import DifferentialPrivacy
import EdgeRuntime
import EdgeStore
import Federation
import Foundation
import Interactions
import Simulator
import TestSupport
import Testing

/// Every storage a node can have.
enum StorageKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite, memory
    var testDescription: String { rawValue }

    func with(_ body: (any NodeStorage) async throws -> Void) async throws {
        switch self {
        case .memory: try await body(InMemoryNodeStorage())
        case .sqlite: try await withTemporaryDirectory { try await body(SQLiteNodeStorage(directory: $0.plainPath)) }
        }
    }
}

@Suite("The contract of a node's storage") struct StorageContractTests {
    private let time = WallTime(milliseconds: 5)
    private let source = ImportSource(fileName: "f", digest: Digest(of: [1]))
    private let header = UpdateHeader(
        plan: Digest(of: [1]), round: RoundNumber(1), baseModel: Digest(of: [2]), payload: Digest(of: [7, 8, 9]), payloadByteCount: 3,
        report: TrainingReport(lossSum: 1.5, targetCount: 2, hitsAt10: 3, ndcgAt10: 0.1, evaluatedUsers: 4))

    @Test("Events come back per user in order of time, users in order of first appearance, unknown items counted", arguments: StorageKind.allCases)
    func sequences(kind: StorageKind) async throws {
        try await kind.with { storage in
            let events = [
                NodeEvent(user: "b", item: "y", time: 20), NodeEvent(user: "a", item: "x", time: 5), NodeEvent(user: "b", item: "x", time: 10),
                NodeEvent(user: "b", item: "z", time: 10), NodeEvent(user: "b", item: "y"), NodeEvent(user: "c", item: "unknown", time: 1),
            ]
            #expect(try await storage.importEvents(events, from: source) == RecordedEvents(events: 6, newUsers: 3, repeated: 0))
            let catalog = try Catalog(items: ["x", "y", "z"].map { CatalogItem(id: $0) })
            let interactions = try await storage.interactions(with: catalog)
            #expect(interactions.sequences == UserSequences([[1, 0, 2, 1], [0], []]))
            #expect(interactions.unknownEvents == 1 && interactions.unknownItems == 1)
            #expect(try await storage.history(of: "b") == ["y", "x", "z", "y"])
            #expect(try await storage.history(of: "nobody") == nil)
            let statistics = try await storage.eventStatistics()
            #expect(statistics.users == 3 && statistics.items == 4 && statistics.events == 6)
        }
    }

    @Test("The list of new items is kept until it is replaced, and the histories of those who met some are found", arguments: StorageKind.allCases)
    func newItems(kind: StorageKind) async throws {
        try await kind.with { storage in
            #expect(try await storage.newItems() == nil)
            #expect(try await storage.newItemsDigest() == nil)
            let first = try Catalog(items: [CatalogItem(id: "n", title: "New", categories: ["a", "b"])])
            try await storage.setNewItems(first)
            let digest = try await storage.newItemsDigest()
            #expect(try await storage.newItems() == first && digest != nil)
            try await storage.setNewItems(try Catalog(items: [CatalogItem(id: "m")]))
            #expect(try await storage.newItemsDigest() != digest)
            try await storage.setNewItems(try Catalog(items: []))
            #expect(try await storage.newItems() == nil)
            _ = try await storage.record([
                NodeEvent(user: "a", item: "x", time: 2), NodeEvent(user: "a", item: "n", time: 1), NodeEvent(user: "b", item: "x", time: 1),
                NodeEvent(user: "c", item: "m", time: 1),
            ])
            #expect(try await storage.histories(meeting: ["n", "m", "unknown"], limit: 5) == [["n", "x"], ["m"]])
            #expect(try await storage.histories(meeting: ["n", "m"], limit: 1) == [["m"]])
        }
    }

    @Test("A file is imported once; a posted event with a time is stored once", arguments: StorageKind.allCases)
    func repeats(kind: StorageKind) async throws {
        try await kind.with { storage in
            _ = try await storage.importEvents([NodeEvent(user: "a", item: "x", time: 1)], from: source)
            await #expect { try await storage.importEvents([NodeEvent(user: "a", item: "x", time: 1)], from: source) } throws: {
                ($0 as? StorageError)?.code == .alreadyImported
            }
            let before = try await storage.eventStatistics().version
            let posted = [NodeEvent(user: "a", item: "x", time: 1), NodeEvent(user: "a", item: "x", time: 2), NodeEvent(user: "d", item: "y", time: 2)]
            #expect(try await storage.record(posted) == RecordedEvents(events: 2, newUsers: 1, repeated: 1))
            #expect(try await storage.eventStatistics().version != before)
        }
    }

    @Test("A forgotten user has no row any more", arguments: StorageKind.allCases)
    func forgetting(kind: StorageKind) async throws {
        try await kind.with { storage in
            _ = try await storage.importEvents(["a", "b", "c"].map { NodeEvent(user: $0, item: "x") }, from: source)
            #expect(try await storage.forget(user: "b") == ForgottenUser(events: 1))
            #expect(try await storage.forget(user: "b") == nil)
            #expect(try await storage.history(of: "b") == nil)
            #expect(try await storage.interactions(with: Catalog(items: [CatalogItem(id: "x")])).sequences == UserSequences([[0], [0]]))
        }
    }

    @Test("A download continues where it stopped, and wrong bytes are thrown away", arguments: StorageKind.allCases)
    func blobs(kind: StorageKind) async throws {
        try await kind.with { storage in
            let bytes: [UInt8] = [1, 2, 3, 4, 5]
            let digest = Digest(of: bytes)
            try await storage.appendToBlob(digest, at: 0, [1, 2, 3])
            #expect(try await storage.blobProgress(digest) == .partial(3))
            await #expect(throws: StorageError.self) { try await storage.appendToBlob(digest, at: 1, [9]) }
            try await storage.appendToBlob(digest, at: 3, [4, 5])
            try await storage.completeBlob(digest)
            #expect(try await storage.blob(digest) == bytes)
            let wrong = Digest(of: [0])
            try await storage.appendToBlob(wrong, at: 0, [9])
            await #expect { try await storage.completeBlob(wrong) } throws: { ($0 as? StorageError)?.code == .corrupted }
            #expect(try await storage.blobProgress(wrong) == .partial(0))
            try await storage.retainBlobs([])
            #expect(try await storage.blob(digest) == nil)
        }
    }

    @Test("The ledger only grows and only moves forward", arguments: StorageKind.allCases)
    func ledger(kind: StorageKind) async throws {
        try await kind.with { storage in
            var ledger = try PrivacyLedger(budget: PrivacyBudget(epsilon: 8, delta: 1e-5))
            let event = MechanismEvent(noiseMultiplier: 5, gridStandardDeviation: 1e6, dimension: 100)
            for round in 1...2 {
                try await storage.appendReservation(try ledger.reserve(event, plan: header.plan.hex, round: round), at: time)
            }
            await #expect(throws: StorageError.self) { try await storage.appendReservation(ledger.entries[1], at: time) }
            try await storage.cancelReservation(2, at: time)
            try await storage.cancelReservation(2, at: time)
            try await storage.storeUpdate(FinishedUpdate(header: header, reservation: 1), bytes: [7, 8, 9])
            try await storage.beginSending(header.payload, at: time)
            await #expect { try await storage.cancelReservation(1, at: time) } throws: { ($0 as? StorageError)?.code == .conflict }
            let entries = try await storage.ledgerEntries()
            #expect(entries.map(\.state) == [.sent, .cancelled])
            #expect(entries[0].event == event)
            // Every change is a line of a chain, and the receipt beside it is the newest head.
            let lines = try await storage.ledgerLines()
            #expect(lines.map(\.entry.state) == [.reserved, .reserved, .cancelled, .sent])
            #expect(try LedgerChain.verify(lines) == lines.last?.head)
            #expect(try await storage.ledgerHead() == lines.last?.head)
            #expect(try await storage.ledgerReceipt() == lines.last?.head)
            #expect(entries.allSatisfy { $0.time == time.milliseconds })
        }
    }

    @Test("Users are counted by the first entry they took part in, and an erased one no longer", arguments: StorageKind.allCases)
    func userClasses(kind: StorageKind) async throws {
        try await kind.with { storage in
            var ledger = try PrivacyLedger(budget: PrivacyBudget(epsilon: 8, delta: 1e-5))
            let event = MechanismEvent(noiseMultiplier: 5, gridStandardDeviation: 1e6, dimension: 100)
            func reserve(_ participants: Participants) async throws {
                let entry = try ledger.reserve(event, plan: header.plan.hex, round: 1)
                try await storage.appendReservation(entry, participants: participants, at: time)
            }
            func record(_ users: [String]) async throws { _ = try await storage.record(users.map { NodeEvent(user: $0, item: "x", time: 1) }) }
            #expect(try await storage.userClasses().isEmpty)
            try await record(["a", "b", "c"])
            try await reserve(.rows([0, 2], version: storage.eventStatistics().version))
            #expect(try await storage.userClasses() == [UserClass(firstEntry: 1, users: 2)])
            try await record(["d"])
            try await reserve(.rows([0, 2, 3], version: storage.eventStatistics().version))
            #expect(try await storage.userClasses() == [UserClass(firstEntry: 1, users: 2), UserClass(firstEntry: 2, users: 1)])
            // Rows of an older version: whoever is here is taken to have been meant.
            let stale = try await storage.eventStatistics().version
            _ = try await storage.forget(user: "a")
            try await reserve(.rows([0], version: stale))
            #expect(try await storage.userClasses() == [UserClass(firstEntry: 1, users: 1), UserClass(firstEntry: 2, users: 1), UserClass(firstEntry: 3, users: 1)])
        }
    }

    @Test("An update's bytes are kept until it is settled, and its state only moves forward", arguments: StorageKind.allCases)
    func updates(kind: StorageKind) async throws {
        try await kind.with { storage in
            let update = FinishedUpdate(header: header, reservation: nil)
            await #expect(throws: StorageError.self) { try await storage.storeUpdate(update, bytes: [7, 8]) }
            try await storage.storeUpdate(update, bytes: [7, 8, 9])
            #expect(try await storage.update(plan: header.plan, round: header.round) == update)
            #expect(try await storage.readUpdate(header.payload, at: 1, maximumCount: 10) == [8, 9])
            #expect(try await storage.readUpdate(header.payload, at: 3, maximumCount: 10) == [])
            try await storage.beginSending(header.payload, at: time)
            #expect(try await storage.unsettledUpdates().map(\.state) == [.sending])
            try await storage.settleUpdate(header.payload, as: .rejected(.outOfRange), at: time)
            try await storage.settleUpdate(header.payload, as: .accepted, at: time)
            #expect(try await storage.update(plan: header.plan, round: header.round)?.state == .settled(.rejected(.outOfRange)))
            await #expect { try await storage.readUpdate(header.payload, at: 0, maximumCount: 1) } throws: { ($0 as? StorageError)?.code == .corrupted }
        }
    }

    @Test("Membership, served model and reports are replaced, not piled up", arguments: StorageKind.allCases)
    func records(kind: StorageKind) async throws {
        try await kind.with { storage in
            var membership = PlanMembership(plan: header.plan, encodedPlan: [1, 2], enrolledUsers: 30, state: .joined)
            try await storage.saveMembership(membership)
            membership.state = .refused("because")
            try await storage.saveMembership(membership)
            #expect(try await storage.currentMembership() == membership)
            let model = ModelReference(round: 2, digest: Digest(of: [4]), byteCount: 9)
            try await storage.setServedModel(ServedModelRecord(plan: header.plan, model: model))
            #expect(try await storage.servedModel()?.model == model)
            var report = LocalReport(plan: header.plan, scorer: .model(model), users: 3, hitsAt10: 1, ndcgAt10: 0.5, reciprocalRank: 0.4, time: time)
            try await storage.saveReport(report)
            report.users = 4
            try await storage.saveReport(report)
            #expect(try await storage.reports() == [report])
        }
    }
}

@Suite("The node's files") struct SQLiteNodeStorageTests {
    private func bytes(below directory: URL) throws -> [UInt8] {
        let files = FileManager.default.enumerator(at: directory, includingPropertiesForKeys: nil)?.allObjects.compactMap { $0 as? URL } ?? []
        return files.flatMap { (try? Data(contentsOf: $0)).map(Array.init) ?? [] }
    }

    private func contains(_ haystack: [UInt8], _ text: String) -> Bool { Data(haystack).range(of: Data(text.utf8)) != nil }

    @Test("User ids never rest in a file, and of a forgotten person not even the item names remain")
    func erasure() async throws {
        try await withTemporaryDirectory { directory in
            let storage = try SQLiteNodeStorage(directory: directory.plainPath)
            let events = (0..<500).map { NodeEvent(user: "kept-\($0 % 50)", item: "common-\($0 % 9)", time: Int64($0)) }
            let personal = (0..<40).map { NodeEvent(user: "erika.mustermann@example.org", item: "letter-to-erika-\($0)", time: Int64($0)) }
            _ = try await storage.importEvents(events + personal, from: ImportSource(fileName: "f", digest: Digest(of: [1])))
            let before = try bytes(below: directory)
            #expect(!contains(before, "erika.mustermann"))
            #expect(contains(before, "letter-to-erika-7"), "the search finds what is there")
            _ = try await storage.forget(user: "erika.mustermann@example.org")
            #expect(!contains(try bytes(below: directory), "letter-to-erika"))
            #expect(try await storage.eventStatistics().events == 500)
        }
    }

    @Test("Everything is readable by its owner only, and the key outlives the process")
    func permissions() async throws {
        try await withTemporaryDirectory { directory in
            do {
                let storage = try SQLiteNodeStorage(directory: directory.plainPath)
                _ = try await storage.record([NodeEvent(user: "a", item: "x", time: 1)])
            }
            for name in ["node.sqlite", "user-key"] {
                let mode = try FileManager.default.attributesOfItem(atPath: directory.plainPath + "/" + name)[.posixPermissions] as? Int
                #expect(mode == 0o600, "\(name)")
            }
            #expect(try await SQLiteNodeStorage(directory: directory.plainPath).history(of: "a") == ["x"])
        }
    }

    @Test("A full database says so and keeps nothing of the import")
    func full() async throws {
        try await withTemporaryDirectory { directory in
            let storage = try SQLiteNodeStorage(directory: directory.plainPath, maximumPages: 60)
            let events = (0..<20_000).map { NodeEvent(user: "user-\($0)", item: "item-\($0)", time: Int64($0)) }
            await #expect { try await storage.importEvents(events, from: ImportSource(fileName: "f", digest: Digest(of: [1]))) } throws: {
                ($0 as? StorageError)?.code == .full
            }
            #expect(try await storage.eventStatistics().events == 0)
            _ = try await storage.importEvents([events[0]], from: ImportSource(fileName: "f", digest: Digest(of: [1])))
        }
    }
}
