import CoordinatorCore
import Federation
import SeededNoise
import Simulator
import Testing

@Suite("What the coordinator remembers of ledgers")
struct LedgerWitnessTests {
    @Test("a longer ledger replaces what is remembered only when the node has checked that it continues it, also after a restart")
    func continuing() async throws {
        let (clock, storage, plan) = (ManualClock(), InMemoryCoordinatorStorage(), TestPlan.make(nodes: 2))
        try await request(plan, of: storage, clock: clock)
        let node = try #require(NodeID("berlin"))
        let heads = (0..<4).map { LedgerHead(count: 2 * $0, hash: Digest(of: [UInt8($0)])) }
        let fork = LedgerHead(count: 9, hash: Digest(of: [99]))

        func attended(_ body: @escaping @Sendable (CoordinatorSession) async throws -> Void) async throws {
            let coordinator = Coordinator(storage: storage, clock: clock, noise: SeededNoiseSource(seed: 1), logger: quietLogger)
            let service = Task { try await coordinator.run() }
            defer { service.cancel() }
            let session = coordinator.session(for: node)
            while await !session.offersPlan {
                clock.advance(by: .milliseconds(100))
                await Task.yield()
            }
            try await session.join(JoinDeclaration(plan: plan.digest, enrolledUsers: 1))
            try await body(session)
        }
        @Sendable func show(_ head: LedgerHead, _ verified: LedgerHead?, to session: CoordinatorSession) async throws -> LedgerHead? {
            try await session.nextAssignment(AssignmentPoll(plan: plan.digest, ledger: head, verifiedLedger: verified)).rememberedLedger
        }
        try await attended { session async throws in
            let first = try await show(heads[0], nil, to: session)
            #expect(first == nil)
            #expect(try await show(heads[1], nil, to: session) == heads[1])
            #expect(try await show(heads[2], nil, to: session) == heads[1], "nobody has checked that it continues the first")
            #expect(try await show(heads[2], heads[1], to: session) == heads[2])
            #expect(try await show(heads[0], nil, to: session) == heads[2], "an older copy is told what it lacks")
        }
        try await attended { session async throws in
            #expect(try await show(fork, nil, to: session) == heads[2])
            #expect(try await show(fork, heads[1], to: session) == heads[2])
            #expect(try await show(heads[3], heads[2], to: session) == heads[3])
        }
        #expect(await storage.rememberedLedger(of: node) == heads[3])
    }
}
