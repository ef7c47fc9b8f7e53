import DifferentialPrivacy
import EdgeRuntime
import EdgeStore
import Federation
import Foundation
import GRDB
import SeededNoise
import Simulator
import TestSupport
import Testing

@Suite("A ledger that was put back or forked") struct LedgerWitnessTests {
    private func run(_ coordinator: ScriptedCoordinator, _ storage: any NodeStorage, policy: BudgetPolicy = SmallFederation.everything) async throws -> RunEnd {
        try await NodeRunner(
            node: SmallFederation.node, coordinator: coordinator, storage: storage, noise: SeededNoiseSource(seed: 3), clock: ImpatientClock(),
            policy: policy, options: NodeOptions(patience: .zero, untilPlanEnds: true)
        ).run()
    }

    private func storage(at directory: URL) async throws -> SQLiteNodeStorage {
        let storage = try SQLiteNodeStorage(directory: directory.plainPath)
        _ = try await storage.importEvents(SmallFederation.events(), from: ImportSource(fileName: "events", digest: Digest(of: [1])))
        return storage
    }

    @Test("A restored copy of the directory does not train: the coordinator has seen more")
    func restoredDirectory() async throws {
        try await withTemporaryDirectory { place in
            let plan = try SmallFederation.plan(SmallFederation.local)
            let (live, copy) = (place.appending(path: "live"), place.appending(path: "copy"))
            do { _ = try await run(ScriptedCoordinator(plan), storage(at: live)) }
            try FileManager.default.copyItem(at: live, to: copy)
            let coordinator = try ScriptedCoordinator(plan, rounds: 2...3)
            do { #expect(try await run(coordinator, SQLiteNodeStorage(directory: live.plainPath)) == .planEnded) }
            let seen = await coordinator.remembered
            #expect(seen?.count == 6, "a reservation and a sending for each of three rounds")

            let later = try ScriptedCoordinator(plan, rounds: 4...4, remembered: seen)
            let error = await #expect(throws: PrivacyError.self) { try await run(later, SQLiteNodeStorage(directory: copy.plainPath)) }
            #expect(error?.code == .inconsistentLedger && error?.message.contains("Put the newest copy back") == true)
            #expect(await later.accepted.isEmpty)
            // The copy that is up to date goes on.
            #expect(try await run(ScriptedCoordinator(plan, rounds: 4...4, remembered: seen), SQLiteNodeStorage(directory: live.plainPath)) == .planEnded)
        }
    }

    @Test("A restored database alone is found by the receipt beside it, with no coordinator at all")
    func restoredDatabase() async throws {
        try await withTemporaryDirectory { place in
            let plan = try SmallFederation.plan(SmallFederation.local)
            do { _ = try await run(ScriptedCoordinator(plan), storage(at: place)) }
            let files = ["node.sqlite", "node.sqlite-wal", "node.sqlite-shm"].map { place.appending(path: $0) }
            let saved = files.map { try? Data(contentsOf: $0) }
            do { _ = try await run(ScriptedCoordinator(plan, rounds: 2...2), SQLiteNodeStorage(directory: place.plainPath)) }
            for (file, bytes) in zip(files, saved) {
                try? FileManager.default.removeItem(at: file)
                try bytes?.write(to: file)
            }
            let coordinator = try ScriptedCoordinator(plan, rounds: 2...2)
            let error = await #expect(throws: PrivacyError.self) { try await run(coordinator, SQLiteNodeStorage(directory: place.plainPath)) }
            #expect(error?.code == .inconsistentLedger && error?.message.contains("receipt") == true)
            let (accepted, joined) = await (coordinator.accepted.count, coordinator.joined.count)
            #expect(accepted == 0 && joined == 0)
        }
    }

    @Test("A node that went on from an older copy is another chain, however long")
    func fork() async throws {
        let plan = try SmallFederation.plan(SmallFederation.local)
        let storage = try await SmallFederation.storage()
        _ = try await run(ScriptedCoordinator(plan), storage)
        let later = try ScriptedCoordinator(plan, rounds: 2...2, remembered: LedgerHead(count: 1, hash: Digest(of: [1])))
        await #expect(throws: PrivacyError.self) { try await run(later, storage) }
        #expect(await later.accepted.isEmpty)
    }

    @Test("A round beyond the cap per period is put off, not withdrawn from")
    func period() async throws {
        let plan = try SmallFederation.plan(SmallFederation.local)
        let storage = try await SmallFederation.storage()
        _ = try await run(ScriptedCoordinator(plan), storage)
        var policy = SmallFederation.everything
        let one = try PrivacyLedger(budget: policy.budget(), entries: await storage.ledgerEntries()).spent().epsilon
        policy.period = PeriodCap(epsilon: one * 1.01, milliseconds: 86_400_000)
        let later = try ScriptedCoordinator(plan, rounds: 2...2)
        #expect(try await run(later, storage, policy: policy) == .planEnded)
        #expect(await later.declined.map(\.reason) == [.periodExhausted])
        #expect(await storage.ledgerEntries().count == 1)
    }

    @Test("A plan that may publish fewer nodes, or by another mechanism, than the policy allows is refused")
    func policy() async throws {
        let plan = try SmallFederation.plan(SmallFederation.local)
        var policies = [SmallFederation.everything, SmallFederation.everything]
        policies[0].minimumCohort = 2
        policies[1].allowedMechanisms = [.sampledGaussian]
        for policy in policies {
            let coordinator = try ScriptedCoordinator(plan)
            guard case .planRefused = try await run(coordinator, try await SmallFederation.storage(), policy: policy) else {
                Issue.record("expected a refusal")
                continue
            }
            #expect(await coordinator.joined.isEmpty)
        }
    }

    /// Makes the directory what a release without chain and receipt would have left.
    private func revertToLedgerWithoutChain(_ place: URL) throws {
        try DatabaseQueue(path: place.appending(path: "node.sqlite").path(percentEncoded: false)).write { database in
            try database.execute(
                sql: """
                    ALTER TABLE ledger DROP COLUMN hash;
                    DROP TABLE participation;
                    DELETE FROM grdb_migrations WHERE identifier LIKE '3 %';
                    """)
        }
        try FileManager.default.removeItem(at: place.appending(path: "ledger-head"))
    }

    @Test("A database of an earlier release gets its chain, and everybody it knew counts from the first entry")
    func migration() async throws {
        try await withTemporaryDirectory { place in
            let plan = try SmallFederation.plan(SmallFederation.local)
            do { _ = try await run(ScriptedCoordinator(plan, rounds: 1...2), storage(at: place)) }
            try revertToLedgerWithoutChain(place)
            let storage = try SQLiteNodeStorage(directory: place.plainPath)
            let lines = try await storage.ledgerLines()
            #expect(lines.count == 4)
            let head = try await storage.ledgerHead()
            #expect(try LedgerChain.verify(lines) == head)
            #expect(try await storage.userClasses() == [UserClass(firstEntry: 1, users: 30)])
            #expect(try await run(ScriptedCoordinator(plan, rounds: 3...3), storage) == .planEnded)
        }
    }
}
