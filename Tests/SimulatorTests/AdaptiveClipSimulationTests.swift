import DifferentialPrivacy
import Federation
import RecommenderModels
import Simulator
import Testing

@Suite("A federation whose clip adapts")
struct AdaptiveClipSimulationTests {
    private func simulation(_ mode: SmallWorld.Mode, count: Double, rounds: Int = 6, faults: FaultPlan = .none) throws -> Simulation {
        var simulation = try SmallWorld.simulation(mode, faults: faults, rounds: rounds)
        guard var mechanism = simulation.plan.privacy.mechanism else { return simulation }
        // So far above the norms of the deltas that it has to come down.
        mechanism.clip = 50
        mechanism.epsilon = 100
        mechanism.adaptiveClip = AdaptiveClip(quantile: 0.5, learningRate: 1, countDeviation: count)
        simulation.plan.privacy.mode = mode == .local ? .local(mechanism) : .central(mechanism)
        return simulation
    }

    private func clip(of result: SimulationResult, _ plan: Plan) throws -> Double? {
        try ModelVersion(
            encoded: result.finalModelBytes, layout: plan.recommender().layout, optimizer: plan.serverOptimizer, plan: plan.digest
        ).clip
    }

    @Test("the clip falls towards the norms, is part of the model version, and all nodes use the same", arguments: [SmallWorld.Mode.local, .central])
    func follows(_ mode: SmallWorld.Mode) async throws {
        let simulation = try simulation(mode, count: 1)
        let result = try await simulation.run()
        #expect(result.publishedRounds.count == 6)
        let clip = try #require(try clip(of: result, simulation.plan))
        // Six steps of about e^(−1/2) each, with some noise on the fractions.
        #expect(clip < 50 * 0.3 && clip > 50 * 0.01)
        #expect(result.nodes.allSatisfy { $0.ledger == LedgerBalance(sent: 6) })
    }

    @Test("whatever is lost on the way, models and clips are the same bits", arguments: [SmallWorld.Mode.local, .central])
    func reproducible(_ mode: SmallWorld.Mode) async throws {
        let calm = try await simulation(mode, count: 2, rounds: 3).run()
        let stormy = try await simulation(mode, count: 2, rounds: 3, faults: FaultPlan(latency: .milliseconds(0) ... .milliseconds(300), lossRate: 0.1)).run()
        #expect(calm.models == stormy.models && calm.finalModelBytes == stormy.finalModelBytes)
    }
}
