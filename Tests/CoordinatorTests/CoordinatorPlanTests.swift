import CoordinatorCore
import Federation
import SeededNoise
import Simulator
import Testing

@Suite("Plans at the coordinator")
struct CoordinatorPlanTests {
    @Test("a stopped plan continues with the next round when it is started again")
    func stopAndContinue() async throws {
        let (clock, storage, plan) = (ManualClock(), InMemoryCoordinatorStorage(), TestPlan.make(nodes: 2))
        let administration = CoordinatorAdministration(storage: storage, clock: clock)
        try await request(plan, of: storage, clock: clock)
        // One node is not enough: the plan waits until it is stopped.
        async let attending = run(plan, storage: storage, names: ["berlin"], clock: clock)
        while await storage.joins(of: plan.digest).isEmpty { await Task.yield() }
        #expect(try await administration.stopPlan() == plan.digest)
        #expect(try await attending == nil)
        #expect(await storage.plans().first?.state == .stopped)
        await #expect(throws: FederationError.self) { try await administration.stopPlan() }
        _ = try await administration.startPlan(plan)
        #expect(try await run(plan, storage: storage, clock: clock)?.round == 2)
        await #expect(throws: FederationError.self, "a finished plan is not run twice") { try await administration.startPlan(plan) }
    }

    @Test("attempts used up end the plan with a reason")
    func outOfAttempts() async throws {
        let plan = TestPlan.make(rounds: 1, attempts: 2, nodes: 1, deadlineSeconds: 5)
        let (clock, storage) = (ManualClock(), InMemoryCoordinatorStorage())
        try await request(plan, of: storage, clock: clock)
        let coordinator = Coordinator(storage: storage, clock: clock, noise: SeededNoiseSource(seed: 1), logger: quietLogger)
        let service = Task { try await coordinator.run() }
        defer { service.cancel() }
        let session = coordinator.session(for: NodeID("idle")!)
        var joined = false
        while await storage.plans().first?.state.isActive == true {
            clock.advance(by: .milliseconds(100))
            await Task.yield()
            if joined {
                _ = try await session.nextAssignment(AssignmentPoll(plan: plan.digest))
            } else if await session.offersPlan {
                try await session.join(JoinDeclaration(plan: plan.digest, enrolledUsers: 1))
                joined = true
            }
        }
        guard case .failed(let reason)? = await storage.plans().first?.state else { Issue.record("not failed"); return }
        #expect(reason.contains("0 of 1 rounds"))
        #expect(await storage.rounds(of: plan.digest).map(\.state) == [.abandoned(.deadlinePassed), .abandoned(.deadlinePassed)])
    }

    @Test("a plan without its catalog, or beside an active one, is refused")
    func requests() async throws {
        let (clock, storage, plan) = (ManualClock(), InMemoryCoordinatorStorage(), TestPlan.make())
        let administration = CoordinatorAdministration(storage: storage, clock: clock)
        await #expect(throws: FederationError.self) { try await administration.startPlan(plan) }
        try await request(plan, of: storage, clock: clock)
        _ = try await administration.startPlan(plan)
        await #expect(throws: FederationError.self) { try await administration.startPlan(TestPlan.make(name: "other")) }
    }

    @Test("nodes serve the promoted version once the plan is over, and the newest after a rollback")
    func promotion() async throws {
        let (clock, storage, plan) = (ManualClock(), InMemoryCoordinatorStorage(), TestPlan.make())
        let administration = CoordinatorAdministration(storage: storage, clock: clock)
        try await request(plan, of: storage, clock: clock)
        let newest = try await run(plan, storage: storage, clock: clock)
        let models = try await administration.models()
        #expect(models.map(\.reference.round) == [0, 1, 2] && models.last?.reference == newest)
        try await administration.promote(models[1].reference.digest)
        #expect(try await run(plan, storage: storage, clock: clock) == models[1].reference)
        #expect(try await administration.rollback() == nil)
        #expect(try await run(plan, storage: storage, clock: clock) == newest)
        await #expect(throws: FederationError.self) { try await administration.rollback() }
        #expect(try await administration.model(startingWith: models[0].reference.digest.short).reference == models[0].reference)
    }

    @Test("a coordinator refuses to start when a recorded model is missing")
    func missingModel() async throws {
        let (clock, storage, plan) = (ManualClock(), InMemoryCoordinatorStorage(), TestPlan.make())
        try await storage.requestPlan(plan.encoded(), at: clock.now)
        _ = await storage.store(TestPlan.catalog)
        await storage.recordInitialModel(ModelReference(round: 0, digest: Digest(of: [1]), byteCount: 1), of: plan.digest, at: clock.now)
        await storage.setState(.running, of: plan.digest, at: clock.now)
        let coordinator = Coordinator(storage: storage, clock: clock, noise: SeededNoiseSource(seed: 1), logger: quietLogger)
        await #expect(throws: FederationError.self) { try await coordinator.run() }
    }
}
