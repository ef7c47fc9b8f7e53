import CoordinatorCore
import CoordinatorStore
import Federation
import Foundation
import Testing
import TestSupport

@Suite("SQLite storage of the coordinator")
struct SQLiteStorageTests {
    private func open(_ directory: URL, maximumPages: Int? = nil) throws -> SQLiteCoordinatorStorage {
        try SQLiteCoordinatorStorage(
            databaseFile: directory.appending(path: "coordinator.sqlite").plainPath, blobDirectory: directory.appending(path: "blobs").plainPath,
            maximumPages: maximumPages)
    }
    let time = WallTime(milliseconds: 1000)
    let berlin = NodeID("berlin")!

    @Test("a token is used up once; the same key may repeat, another is refused")
    func tokens() async throws {
        try await withTemporaryDirectory { directory in
            let registry = try open(directory)
            let (hash, key) = (Digest(of: [1]), Digest(of: [2]))
            try await registry.add(EnrolmentToken(hash: hash, node: berlin, createdAt: time, expiresAt: time + .seconds(60)))
            #expect(try await registry.consumeToken(Digest(of: [9]), for: key, at: time) == .unknown)
            #expect(try await registry.consumeToken(hash, for: key, at: time + .seconds(61)) == .expired)
            #expect(try await registry.consumeToken(hash, for: key, at: time + .seconds(1)) == .accepted(berlin))
            #expect(try await open(directory).consumeToken(hash, for: key, at: time + .seconds(2)) == .accepted(berlin))
            #expect(try await registry.consumeToken(hash, for: Digest(of: [3]), at: time + .seconds(2)) == .used)
            #expect(try await registry.tokens().map(\.usedAt) == [time + .seconds(1)])
        }
    }

    @Test("of many that present one token at once with keys of their own, one is accepted")
    func race() async throws {
        try await withTemporaryDirectory { directory in
            let registries = try [open(directory), open(directory)]
            let hash = Digest(of: [1])
            try await registries[0].add(EnrolmentToken(hash: hash, node: berlin, createdAt: time, expiresAt: time + .seconds(60)))
            let decisions = try await withThrowingTaskGroup(of: TokenDecision.self) { tasks in
                for key in 0..<16 { tasks.addTask { try await registries[key % 2].consumeToken(hash, for: Digest(of: [UInt8(key)]), at: time) } }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(decisions.count { $0 == .accepted(berlin) } == 1)
            #expect(decisions.count { $0 == .used } == 15)
        }
    }

    @Test("a revoked node is refused by name and by certificate, and cannot enrol again")
    func revocation() async throws {
        try await withTemporaryDirectory { directory in
            let registry = try open(directory)
            try await registry.enrol(berlin, certificateSerial: "0a", at: time)
            try await registry.enrol(berlin, certificateSerial: "0b", at: time + .seconds(1))
            #expect(try await !registry.isRevoked(berlin, certificateSerial: "0a"))
            await #expect(throws: FederationError.self) { try await registry.revoke(NodeID("oslo")!, at: time) }
            try await registry.revoke(berlin, at: time + .seconds(2))
            try await registry.revoke(berlin, at: time + .seconds(3))
            let again = try open(directory)
            #expect(try await again.isRevoked(berlin, certificateSerial: "ff"))
            #expect(try await again.isRevoked(NodeID("other")!, certificateSerial: "0b"))
            #expect(try await again.revokedSerials() == ["0a", "0b"])
            #expect(try await again.enrolledNodes().map(\.revokedAt) == [time + .seconds(2), time + .seconds(2)])
            await #expect(throws: FederationError.self) { try await again.enrol(berlin, certificateSerial: "0c", at: time) }
        }
    }

    @Test("a full database changes nothing, says so, and goes on when there is room")
    func full() async throws {
        try await withTemporaryDirectory { directory in
            let plan = TestPlan.make()
            try await open(directory).requestPlan(plan.encoded(), at: time)
            let small = try open(directory, maximumPages: 40)
            let error = await #expect(throws: FederationError.self) {
                for number in 0..<2000 {
                    try await small.add(EnrolmentToken(hash: Digest(of: "\(number)".utf8), node: berlin, createdAt: time, expiresAt: time))
                }
            }
            #expect(error?.code == .unavailable && error?.message.contains("free some space") == true)
            let large = try open(directory)
            #expect(try await large.plans().map(\.digest) == [plan.digest])
            try await large.add(EnrolmentToken(hash: Digest(of: [1]), node: berlin, createdAt: time, expiresAt: time))
        }
    }

    @Test("a damaged database is told from an unreachable one")
    func damaged() throws {
        try withTemporaryDirectory { directory in
            try Data("this is no database, however long it is. ".utf8 + [UInt8](repeating: 7, count: 8192)).write(to: directory.appending(path: "coordinator.sqlite"))
            let damage = #expect(throws: FederationError.self) { try open(directory) }
            #expect(damage?.code == .corrupted)
            let missing = #expect(throws: FederationError.self) { try open(directory.appending(path: "none")) }
            #expect(missing?.code == .unavailable)
        }
    }

    @Test("a damaged update is found when it is summed: the round is abandoned and the next one published")
    func damagedUpdate() async throws {
        try await withTemporaryDirectory { directory in
            let (clock, plan) = (ManualClock(), TestPlan.make(rounds: 1))
            let storage = try open(directory)
            try await request(plan, of: storage, clock: clock)
            let dying = DyingStorage(storage, changes: .max)
            // Dies with both updates accepted and the sum not yet computed.
            await dying.die(whenClosing: RoundNumber(1))
            _ = try await run(plan, storage: dying, clock: clock, isDead: { await dying.isDead })
            let uploads = directory.appending(path: "blobs/uploads")
            let file = try #require(try FileManager.default.contentsOfDirectory(at: uploads, includingPropertiesForKeys: nil).first)
            var bytes = try Data(contentsOf: file)
            bytes[bytes.startIndex + 3] ^= 1
            try bytes.write(to: file)
            #expect(try await run(plan, storage: storage, clock: clock)?.round == 2)
            #expect(try await storage.rounds(of: plan.digest).first?.state == .abandoned(.damagedUpdate))
        }
    }
}
