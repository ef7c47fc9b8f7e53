import CoordinatorCore
import DifferentialPrivacy
import Federation
import RecommenderModels
import SeededNoise
import Simulator
import Tensors
import Testing

@Suite("A coordinator that dies anywhere")
struct CoordinatorRestartTests {
    /// The last model, worked out from the nodes' vectors alone.
    private func expectedModel(_ plan: Plan, names: [String]) throws -> Digest {
        let recommender = try plan.recommender()
        var version = ModelVersion(initialFor: plan, recommender: recommender)
        var digest = Digest(of: version.encoded(layout: recommender.layout))
        for round in 1...plan.rounds {
            var sum = [Int64](repeating: 0, count: recommender.layout.count + 1)
            for name in names {
                let values = try TestNode(name, plan: plan).coordinates(round: round, base: digest)
                for index in sum.indices { sum[index] += values[index] }
            }
            let normaliser = plan.privacy.grid.scale * Double(sum[sum.count - 1])
            let delta = sum.dropLast().map { Float(Double($0) / normaliser) }
            version = version.next(round: RoundNumber(round), parent: digest, delta: delta, by: plan.serverOptimizer)
            digest = Digest(of: version.encoded(layout: recommender.layout))
        }
        return digest
    }

    @Test("without a death the published model is what the nodes' vectors give")
    func undisturbed() async throws {
        let (clock, storage, plan) = (ManualClock(), InMemoryCoordinatorStorage(), TestPlan.make())
        try await request(plan, of: storage, clock: clock)
        let model = try await run(plan, storage: storage, clock: clock)
        #expect(try model?.digest == expectedModel(plan, names: ["berlin", "paris"]))
        let status = try #require(try await CoordinatorAdministration(storage: storage, clock: clock).status())
        #expect(status.record.state == .finished && status.publishedRounds == 2 && status.attempts == 2 && status.enrolledUsers == 20)
        #expect(status.rounds.allSatisfy { $0.report?.targetCount == 4 && $0.report?.evaluatedUsers == 8 })
        #expect(await storage.uploads(of: plan.digest).isEmpty, "updates are kept no longer than their round")
    }

    @Test("after a death at any change of the storage the same rounds lead to the same bits", arguments: 0..<48)
    func anywhere(_ changes: Int) async throws {
        let (clock, storage, plan) = (ManualClock(), InMemoryCoordinatorStorage(), TestPlan.make())
        try await request(plan, of: storage, clock: clock)
        let dying = DyingStorage(storage, changes: changes)
        _ = try await run(plan, storage: dying, clock: clock, isDead: { await dying.isDead })
        let model = try await run(plan, storage: storage, clock: clock)
        #expect(try model?.digest == expectedModel(plan, names: ["berlin", "paris"]))
        let rounds = await storage.rounds(of: plan.digest)
        #expect(rounds.map(\.round.value) == [1, 2], "no round is lost or repeated")
        #expect(rounds.allSatisfy { $0.updates.count == 2 })
    }

    /// Refuses to give noise a second time.
    private struct OneNoise: NoiseSource {
        let isUsedUp: Bool
        func stream(for purpose: NoisePurpose) throws -> any NoiseStream {
            if isUsedUp { throw FederationError(.internalError, "noise was drawn twice") }
            return SeededNoiseSource(seed: 4).stream(for: purpose)
        }
    }

    @Test("central noise that was recorded is published, never drawn anew")
    func centralNoise() async throws {
        let plan = TestPlan.make(mode: TestPlan.central, rounds: 1)
        let reference = InMemoryCoordinatorStorage()
        let clock = ManualClock()
        try await request(plan, of: reference, clock: clock)
        let whole = DyingStorage(reference, changes: .max)
        let expected = try await run(plan, storage: whole, clock: clock, noise: OneNoise(isUsedUp: false))
        let total = await whole.changes
        var resumed = 0
        for changes in 0..<total {
            let storage = InMemoryCoordinatorStorage()
            try await request(plan, of: storage, clock: clock)
            let dying = DyingStorage(storage, changes: changes)
            _ = try await run(plan, storage: dying, clock: clock, noise: OneNoise(isUsedUp: false), isDead: { await dying.isDead })
            let record = await storage.rounds(of: plan.digest).first
            let wasDrawn = record?.noisedSum != nil
            if wasDrawn { resumed += 1 }
            let model = try await run(plan, storage: storage, clock: clock, noise: OneNoise(isUsedUp: wasDrawn))
            #expect(model == expected)
        }
        #expect(resumed > 0, "at least one death came between noise and publication")
    }
}
