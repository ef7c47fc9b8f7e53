import DifferentialPrivacy
import Federation
import RecommenderModels
import Simulator
import Testing

@Suite("Poisson sampling inside the node shows nobody who was drawn")
struct PoissonParticipationTests {
    @Test("a round whose sample is empty releases noise like any other, normalised by what was declared")
    func empty() async throws {
        // One user in ten thousand of 36: all samples are empty.
        var simulation = try SmallWorld.simulation(.local)
        guard var mechanism = simulation.plan.privacy.mechanism else { return }
        mechanism.samplingRate = 1e-4
        simulation.plan.privacy.mechanism = mechanism
        let result = try await simulation.run()
        #expect(result.publishedRounds.count == 3)
        #expect(result.nodes.allSatisfy { $0.ledger == LedgerBalance(sent: 3) })
        // Noise of three nodes divided by 36 · 10⁻⁴ users.
        let plan = simulation.plan
        let recommender = try plan.recommender()
        let model = try ModelVersion(
            encoded: result.finalModelBytes, layout: recommender.layout, optimizer: plan.serverOptimizer, plan: plan.digest)
        let size = model.parameters.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(model.parameters.count)
        let perRound = 3 * (4 * 0.5) * (4 * 0.5) / (36e-4 * 36e-4)
        // Three rounds with momentum ½ move the model by 1.75, 1.5 and 1 times a round's noise.
        #expect(abs(size / (perRound * (1.75 * 1.75 + 1.5 * 1.5 + 1)) - 1) < 0.3)
    }
}
