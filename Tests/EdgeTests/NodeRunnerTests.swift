import DifferentialPrivacy
import EdgeRuntime
import Federation
import LocalTraining
import SeededNoise
import Simulator
import Testing

@Suite("A node at work") struct NodeRunnerTests {
    /// - Parameter expectingFailures: whether requests may fail on the way.
    private func run(
        _ coordinator: ScriptedCoordinator, _ storage: any NodeStorage, policy: BudgetPolicy = SmallFederation.everything,
        workers: Int = 1, expectingFailures: Bool = false,
        shelf: ModelShelf = ModelShelf(), faults: @escaping NodeFaultHook = { _, _ in }
    ) async throws -> RunEnd {
        try await NodeRunner(
            node: SmallFederation.node, coordinator: coordinator, storage: storage, noise: SeededNoiseSource(seed: 3), clock: ImpatientClock(), policy: policy,
            options: NodeOptions(workers: workers, patience: .zero, untilPlanEnds: true), shelf: shelf, faults: faults,
            observe: { progress in
                if case .unavailable(let reason, _) = progress, !expectingFailures { Issue.record("a step failed: \(reason)") }
            }
        ).run()
    }

    @Test("With privacy off it joins, trains, reports, and serves the model", arguments: [false, true])
    func off(silo: Bool) async throws {
        let coordinator = try ScriptedCoordinator(SmallFederation.plan(SmallFederation.off, unit: silo ? .silo : .perUser))
        let storage = try await SmallFederation.storage()
        let shelf = ModelShelf()
        #expect(try await run(coordinator, storage, shelf: shelf) == .planEnded)
        #expect(await coordinator.joined.first?.enrolledUsers == 30)
        let accepted = try #require(await coordinator.accepted.first)
        let report = try #require(accepted.header.report)
        #expect(report.evaluatedUsers == 30 && report.targetCount > 0)
        let sum = try UpdateCodec(modulusBits: 64).decode(accepted.payload)
        #expect(sum.last == 30, "the weight is the last coordinate, unscaled")
        #expect(sum.dropLast().contains { $0 != 0 })
        #expect(await shelf.engine?.model.round == 0)
        #expect(await storage.ledgerEntries().isEmpty)
        #expect(Set(await storage.reports().map(\.scorer.name)) == ["popularity", "markov", "model"])
    }

    @Test("The bytes do not depend on the number of workers", arguments: [false, true])
    func workers(silo: Bool) async throws {
        var payloads: Set<[UInt8]> = []
        for workers in [1, 3] {
            let coordinator = try ScriptedCoordinator(SmallFederation.plan(SmallFederation.off, unit: silo ? .silo : .perUser))
            _ = try await run(coordinator, try await SmallFederation.storage(), workers: workers)
            payloads.insert(try #require(await coordinator.accepted.first).payload)
        }
        #expect(payloads.count == 1)
    }

    @Test("In mode local the ledger pays once for each round, and nothing is reported")
    func local() async throws {
        let coordinator = try ScriptedCoordinator(SmallFederation.plan(SmallFederation.local), rounds: 1...2)
        let storage = try await SmallFederation.storage()
        #expect(try await run(coordinator, storage) == .planEnded)
        #expect(await coordinator.accepted.allSatisfy { $0.header.report == nil })
        #expect(await storage.ledgerEntries().map(\.state) == [.sent, .sent])
        #expect(await storage.unsettledUpdates().isEmpty)
    }

    @Test("A node killed where bytes are not durable pays again; where they are, it resends exactly those", arguments: NodeFaultPoint.plain)
    func restart(at point: NodeFaultPoint) async throws {
        let coordinator = try ScriptedCoordinator(SmallFederation.plan(SmallFederation.local))
        let storage = try await SmallFederation.storage()
        await #expect(throws: NodeFault.self) {
            try await run(coordinator, storage) { reached, _ in if reached == point { throw NodeFault() } }
        }
        let kept = await storage.unsettledUpdates().first
        #expect(try await run(coordinator, storage) == .planEnded)
        let entries = await storage.ledgerEntries()
        let accepted = await coordinator.accepted
        #expect(accepted.count == 1)
        switch point {
        case .afterReservation, .duringTraining:
            #expect(kept == nil)
            #expect(entries.map(\.state) == [.reserved, .sent], "the first reservation stays spent")
        case .updateDurable, .duringUpload:
            #expect(entries.map(\.state) == [.sent])
            #expect(accepted.first?.header.payload == kept?.digest)
        case .afterUploadBeforeAnswer:
            #expect(entries.map(\.state) == [.sent])
            #expect(accepted.first?.header.payload == kept?.digest)
        default: Issue.record("a point of another kind of round")
        }
    }

    @Test("A failing coordinator is asked again, and a cut upload is resumed where it stopped")
    func retries() async throws {
        let coordinator = try ScriptedCoordinator(SmallFederation.plan(SmallFederation.local), failures: 3, cutsUpload: true)
        let storage = try await SmallFederation.storage()
        #expect(try await run(coordinator, storage, expectingFailures: true) == .planEnded)
        let accepted = try #require(await coordinator.accepted.first)
        #expect(Digest(of: accepted.payload) == accepted.header.payload)
        #expect(await storage.ledgerEntries().count == 1)
    }

    @Test("A rejected update is settled with its reason and stays spent")
    func rejected() async throws {
        let coordinator = try ScriptedCoordinator(SmallFederation.plan(SmallFederation.local), rejection: .wrongSize)
        let storage = try await SmallFederation.storage()
        #expect(try await run(coordinator, storage) == .planEnded)
        #expect(await storage.update(plan: coordinator.digest, round: RoundNumber(1))?.state == .settled(.rejected(.wrongSize)))
        #expect(await storage.ledgerEntries().map(\.state) == [.sent])
    }

    @Test("A mode the policy does not allow, too few users, and a promise that is too low are refused before joining")
    func refusals() async throws {
        let cheap = PrivacyPlan.Mode.local(GaussianMechanism(clip: 1, noiseMultiplier: 3, epsilon: 0.5, delta: 1e-5))
        let cases: [(PrivacyPlan.Mode, BudgetPolicy)] = [
            (SmallFederation.off, BudgetPolicy(minimumUsers: 5)),
            (SmallFederation.local, BudgetPolicy(minimumUsers: 31)),
            (cheap, SmallFederation.everything),
        ]
        for (mode, policy) in cases {
            let coordinator = try ScriptedCoordinator(SmallFederation.plan(mode))
            let end = try await run(coordinator, try await SmallFederation.storage(), policy: policy)
            guard case .planRefused = end else {
                Issue.record("expected a refusal, got \(end)")
                continue
            }
            #expect(await coordinator.joined.isEmpty)
        }
    }

    @Test("A plan whose attempts the budget does not cover is refused; a joined one is declined when the budget is gone")
    func budget() async throws {
        let plan = try SmallFederation.plan(SmallFederation.local)
        let storage = try await SmallFederation.storage()
        var policy = SmallFederation.everything
        policy.epsilon = 1
        guard case .budgetExhausted = try await run(ScriptedCoordinator(plan), storage, policy: policy) else {
            Issue.record("expected a refusal for the budget")
            return
        }
        // Joined under a larger budget, which is then cut to what one round cost.
        #expect(try await run(ScriptedCoordinator(plan), storage) == .planEnded)
        policy.epsilon = try PrivacyLedger(budget: PrivacyBudget(epsilon: 100, delta: 1e-5), entries: await storage.ledgerEntries()).spent().epsilon
        let later = try ScriptedCoordinator(plan, rounds: 2...2)
        #expect(try await run(later, storage, policy: policy) == .planEnded)
        #expect(await later.declined.map(\.reason) == [.budgetExhausted])
        #expect(await storage.ledgerEntries().count == 1)
    }
}
